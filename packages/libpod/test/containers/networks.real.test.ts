import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { processesAbout } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import type { Engine } from '../../src/index.ts'
import { image, openTestEngine } from './engine.ts'

/** A network on a bridge and a subnet of this test's own, with the container's address asked for. */
async function networkOf(t: ExecutionContext, engine: Engine, wish: { subnet: string; address: string }) {
  const { name } = await engine.networks.create({
    name: `plug${process.pid}`,
    subnets: [{ subnet: wish.subnet }],
    interface: `plug${process.pid % 10_000}`,
  })
  t.teardown(() => engine.networks.remove(name))
  return { mode: { kind: 'bridge', networks: [{ name, staticIps: [wish.address] }] } } as const
}

test.serial('the runtime makes a container while it is plugged in: its program starts with both', async t => {
  const engine = await openTestEngine(t, 'plugged')
  await using container = await engine.containers.run({
    image,
    network: await networkOf(t, engine, { subnet: '10.143.77.0/24', address: '10.143.77.9' }),
    process: { command: ['sh', '-c', 'cat /etc/hosts; ip -4 address show dev eth0'] },
  })
  const out = await text(container.stdout)
  t.is(await container.exited, 0)
  t.regex(out, /^10\.143\.77\.9\t/m)
  t.regex(out, /inet 10\.143\.77\.9\/24/)
})

test.serial('a network that cannot be had takes back what the runtime made meanwhile', async t => {
  const engine = await openTestEngine(t, 'unplugged')
  const { id } = await engine.containers.create({
    image,
    network: await networkOf(t, engine, { subnet: '10.143.78.0/24', address: '192.0.2.7' }),
    process: { command: ['true'] },
  })
  await t.throwsAsync(engine.containers.start(id), { code: 'NETWORK_FAILED' })
  t.deepEqual(await processesAbout(id), [])
  t.false(readFileSync('/proc/self/mountinfo', 'utf8').includes(id))
  for (const runtime of ['runc', 'crun']) t.false(existsSync(`/run/${runtime}/${id}`))
  t.is((await engine.containers.inspect(id)).State.Status, 'created')
  await engine.containers.remove(id)
})
