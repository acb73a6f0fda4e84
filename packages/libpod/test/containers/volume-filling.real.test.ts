import { readdirSync, statSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import test from 'ava'
import type { Engine } from '../../src/index.ts'
import { image, openTestEngine } from './engine.ts'

/** Runs a script with the volume at a place. */
async function runAt(engine: Engine, destination: string, script: string): Promise<void> {
  await using container = await engine.containers.run({
    image,
    network: { mode: { kind: 'none' } },
    process: { command: ['sh', '-c', script] },
    mounts: { mounts: [{ kind: 'volume', name: 'data', destination, options: [] }] },
  })
  const [, error, code] = await Promise.all([text(container.stdout), text(container.stderr), container.exited])
  if (code !== 0) throw new Error(`ended with ${code}: ${error}`)
}

async function needs(engine: Engine) {
  const { needsCopyUp, needsChown } = await engine.volumes.inspect('data')
  return { needsCopyUp, needsChown }
}

test('a volume that found nothing to be filled with is filled by the next container, and once only', async t => {
  const engine = await openTestEngine(t, 'filling')
  const { mountPoint } = await engine.volumes.create({ name: 'data' })
  await runAt(engine, '/not/in/the/image', 'true')
  t.deepEqual(await needs(engine), { needsCopyUp: 'yes', needsChown: 'yes' })
  await runAt(engine, '/etc', 'test -s /etc/passwd')
  t.deepEqual(await needs(engine), { needsCopyUp: 'no', needsChown: 'no' })
  t.true(readdirSync(mountPoint).includes('passwd'))
  await runAt(engine, '/x', 'rm -rf /x/*')
  await runAt(engine, '/etc', 'true')
  t.false(readdirSync(mountPoint).includes('passwd'))
})

test('an empty volume belongs to the user of whom uses it, with a place in the image to whom that belongs', async t => {
  const engine = await openTestEngine(t, 'volume-owner')
  const { mountPoint } = await engine.volumes.create({ name: 'data' })
  const useAt = async (destination: string, user: string, options: readonly string[] = []) => {
    await using container = await engine.containers.run({
      image,
      network: { mode: { kind: 'none' } },
      process: { command: ['true'], user },
      mounts: { mounts: [{ kind: 'volume', name: 'data', destination, options }] },
    })
    t.is(await container.exited, 0)
    const { uid, gid } = statSync(mountPoint)
    const record = await engine.volumes.inspect('data')
    t.deepEqual([record.uid, record.gid], [uid, gid])
    return `${uid}:${gid}`
  }
  t.is(await useAt('/not/in/the/image', '7:8'), '7:8')
  t.is(await useAt('/not/in/the/image', '9:9', ['nocopy']), '9:9', 'as long as nothing is in it')
  t.is(await useAt('/tmp', '7:8'), '0:0')
  t.is(await useAt('/not/in/the/image', '7:8'), '0:0', 'that was settled')
})

// CVE-2020-1726: what was put into a volume by other means is not written over.
test('a volume that holds something keeps it as it is', async t => {
  const engine = await openTestEngine(t, 'filled')
  const { mountPoint } = await engine.volumes.create({ name: 'data' })
  await runAt(engine, '/not/in/the/image', 'echo mine > /not/in/the/image/passwd')
  await runAt(engine, '/etc', 'test "$(cat /etc/passwd)" = mine')
  t.deepEqual(await needs(engine), { needsCopyUp: 'yes', needsChown: 'no' })
  t.deepEqual(
    readdirSync(mountPoint).filter(name => name === 'group'),
    [],
  )
})
