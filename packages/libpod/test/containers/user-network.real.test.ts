import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, run } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import type { Engine } from '../../src/index.ts'
import { image, openTestEngine, sleeper } from './engine.ts'

/** A server on the host's loopback address that greets and hangs up. */
async function greeter(t: ExecutionContext): Promise<number> {
  const server = createServer(socket => socket.end('hello from the host\n'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>(resolve => void server.close(() => resolve())))
  return (server.address() as { port: number }).port
}

async function printedIn(engine: Engine, id: string, script: string): Promise<string> {
  await using session = await engine.containers.exec(id, { command: ['sh', '-c', script] })
  const [out] = await Promise.all([text(session.stdout), text(session.stderr), session.ended])
  return out
}

const fetched = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/word`)).text()
const slirp = (...options: readonly string[]) => ({ kind: 'slirp4netns', options }) as const
const pinned = (path: string): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)

async function lookOf(engine: Engine, id: string) {
  const look = (await engine.containers.inspect(id)) as unknown as {
    State: { ConmonPid: number }
    NetworkSettings: { SandboxKey: string }
  }
  return { monitor: look.State.ConmonPid, netns: look.NetworkSettings.SandboxKey }
}

/** The programs that carry the packets of a namespace. */
const carriers = async (netns: string): Promise<string> => {
  return (await run('pgrep', ['--full', `slirp4netns.*${netns}`])).stdout.trim()
}

test('slirp4netns: the host is reached by its loopback, a published port from the host, also after a restart', async t => {
  t.timeout(120_000)
  const engine = await openTestEngine(t, 'slirp')
  const [served, port] = [await greeter(t), await freePort()]
  const server = ['sh', '-c', 'mkdir -p /srv; echo served > /srv/word; exec httpd -f -p 80 -h /srv']
  const { id } = await engine.containers.create({
    image,
    name: 'web',
    process: { command: server, stopTimeout: 0 },
    network: {
      mode: slirp('allow_host_loopback=true'),
      ports: [{ protocol: 'tcp', hostPort: port, containerPort: 80 }],
    },
  })
  await engine.containers.start(id)
  t.is(await printedIn(engine, id, `nc 10.0.2.2 ${served} </dev/null`), 'hello from the host\n')
  const answered = async (): Promise<string> => {
    for (;;) {
      const word = await fetched(port).catch(() => undefined)
      if (word !== undefined) return word
      await delay(100)
    }
  }
  t.is(await answered(), 'served\n')
  const files = await printedIn(engine, id, 'cat /etc/resolv.conf /etc/hosts')
  t.regex(files, /^nameserver 10\.0\.2\.3$/m)
  t.regex(files, /^10\.0\.2\.100\s.*web$/m)
  t.regex(files, /^10\.0\.2\.2\s.*host\.containers\.internal/m)
  await engine.containers.restart(id, { timeout: 0 })
  t.is(await answered(), 'served\n')
  const second = engine.containers.run({
    ...{ image, process: { command: ['true'] } },
    network: { mode: slirp(), ports: [{ protocol: 'tcp', hostPort: port, containerPort: 80 }] },
  })
  await t.throwsAsync(second, { message: /address already in use/ })
})

test('slirp4netns: without leave the host’s loopback is out of reach, also in a user namespace', async t => {
  t.timeout(120_000)
  const engine = await openTestEngine(t, 'slirp-barred')
  const served = await greeter(t)
  const ids = [{ containerId: 0, hostId: 100_000, size: 65_536 }]
  for (const security of [{}, { security: { idMappings: { uids: ids, gids: ids } } }]) {
    const { id } = await engine.containers.create({ ...sleeper, ...security, network: { mode: slirp('mtu=1500') } })
    await engine.containers.start(id)
    t.is(await printedIn(engine, id, `nc -w 2 10.0.2.2 ${served} </dev/null; cat /sys/class/net/tap0/mtu`), '1500\n')
  }
})

test('slirp4netns leaves other namespaces alone, and goes with its container or with the monitor', async t => {
  t.timeout(120_000)
  const engine = await openTestEngine(t, 'slirp-ends')
  const begin = async () => {
    const { id } = await engine.containers.create({ ...sleeper, network: { mode: slirp() } })
    await engine.containers.start(id)
    return { id, ...(await lookOf(engine, id)) }
  }
  const [first, second] = [await begin(), await begin()]
  for (const { netns } of [first, second]) {
    t.true(pinned(netns))
    t.not(await carriers(netns), '')
  }
  await engine.containers.stop(first.id)
  t.false(pinned(first.netns))
  t.is(await carriers(first.netns), '')
  process.kill(second.monitor, 'SIGKILL')
  while ((await carriers(second.netns)) !== '') await delay(50)
  await engine.containers.remove(second.id, { running: 'kill', timeout: 0 })
  t.false(pinned(second.netns))
})

test('networks in user space that cannot be are refused before anything is made', async t => {
  const engine = await openTestEngine(t, 'user-network-refused')
  const create = (kind: 'slirp4netns' | 'pasta', ...options: readonly string[]) =>
    engine.containers.create({ ...sleeper, network: { mode: { kind, options } } })
  await t.throwsAsync(create('slirp4netns', 'x=y'), { message: 'unknown option for slirp4netns: "x=y"' })
  await t.throwsAsync(create('pasta'), {
    message: 'pasta networking is only supported for rootless mode or when inside a nested userns',
  })
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})
