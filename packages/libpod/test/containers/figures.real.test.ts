import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { image, openTestEngine, sleeper } from './engine.ts'

test('stats: what a running container uses; nothing once it has stopped', async t => {
  const engine = await openTestEngine(t, 'stats')
  const { id } = await engine.containers.create({ ...sleeper, resources: { memory: { limit: 64 << 20 } } })
  await engine.containers.start(id)
  let [running] = await engine.containers.stats([id])
  // The runtime's own threads are there until it has become the program.
  for (let tries = 0; running?.pids !== 1 && tries < 200; tries++) {
    await delay(50)
    ;[running] = await engine.containers.stats([id])
  }
  t.is(running?.pids, 1)
  t.is(running?.memoryLimit, 64 << 20)
  t.true((running?.cpuNano ?? 0) > 0)
  t.true((running?.upTimeNano ?? 0) > 0)
  await engine.containers.stop(id)
  const [stopped] = await engine.containers.stats([id])
  t.is(stopped?.pids, 0)
})

test('update: limits at once, environment and restart policy from the next start', async t => {
  const engine = await openTestEngine(t, 'update')
  const { id } = await engine.containers.create({ ...sleeper, resources: { memory: { limit: 64 << 20 } } })
  await engine.containers.start(id)
  await engine.containers.update(id, {
    resources: { memory: { limit: 32 << 20, swap: 64 << 20 }, pids: { limit: 17 } },
    restart: { name: 'on-failure', maxRetries: 2 },
    env: { set: { ADDED: 'yes' }, unset: ['TERM'] },
  })
  t.is((await engine.containers.stats([id]))[0]?.memoryLimit, 32 << 20)
  const { HostConfig, Config } = (await engine.containers.inspect(id)) as unknown as {
    HostConfig: { RestartPolicy: { Name: string }; PidsLimit: number; Memory: number }
    Config: { Env: string[] }
  }
  t.like(HostConfig, { RestartPolicy: { Name: 'on-failure' }, PidsLimit: 17, Memory: 32 << 20 })
  t.true(Config.Env.includes('ADDED=yes'))
  t.false(Config.Env.some(line => line.startsWith('TERM=')))
})

test('update: rlimits replace those that were there from the next start; only a block device has limits', async t => {
  const engine = await openTestEngine(t, 'update-limits')
  const process = { command: ['sh', '-c', 'ulimit -n; ulimit -c'], rlimits: [{ type: 'core', soft: 0, hard: 0 }] }
  const { id } = await engine.containers.create({ image, network: { mode: { kind: 'none' } }, process })
  const said = async () => {
    const session = await engine.containers.startAttached(id)
    session.stderr.resume()
    const lines = await text(session.stdout)
    await session.ended
    return lines.split('\n')
  }
  t.is((await said())[1], '0')
  await engine.containers.update(id, { rlimits: [{ type: 'nofile', soft: 77, hard: 99 }] })
  t.is((await said())[0], '77')
  const { id: running } = await engine.containers.create(sleeper)
  await engine.containers.start(running)
  for (const [path, message] of [
    ['/dev/null', '/dev/null: not a block device'],
    ['/dev/no-such', 'could not parse device /dev/no-such: no such file or directory'],
  ] as const) {
    const [code, rate] = ['SPEC_INVALID', 1000] as const
    const resources = { blockIo: { readBps: [{ path, rate }] } }
    await t.throwsAsync(engine.containers.update(running, { resources }), { code, message })
    await t.throwsAsync(engine.containers.create({ ...sleeper, resources }), { code, message })
    await t.throwsAsync(engine.pods.create({ resources }), { code, message })
    await t.throwsAsync(
      engine.containers.create({ ...sleeper, resources: { blockIo: { weightDevices: [{ path, weight: 100 }] } } }),
      { code, message: `bad --blkio-weight-device: ${message}` },
    )
  }
})
