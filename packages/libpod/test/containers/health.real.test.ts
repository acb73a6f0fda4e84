import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { Engine } from '../../src/index.ts'
import { openTestEngine, sleeper } from './engine.ts'

interface Health {
  readonly Status: string
  readonly FailingStreak: number
  readonly Log: readonly { readonly Output: string; readonly ExitCode: number }[]
}

async function healthOf(engine: Engine, id: string): Promise<Health> {
  const { State } = (await engine.containers.inspect(id)) as unknown as { State: { Health: Health } }
  return State.Health
}

async function run(engine: Engine, id: string, command: readonly string[]): Promise<void> {
  await using session = await engine.containers.exec(id, { command })
  session.stdout.resume()
  session.stderr.resume()
  await session.ended
}

test('health: starting, healthy, and unhealthy after so many failures, with what is to be done then', async t => {
  const engine = await openTestEngine(t, 'health')
  const { id } = await engine.containers.create({
    ...sleeper,
    health: { test: ['CMD-SHELL', 'echo checked; test -e /well'], retries: 2, timeout: 5e9, onFailure: 'kill' },
  })
  await t.throwsAsync(engine.containers.runHealthCheck(id), {
    code: 'CONTAINER_STATE',
    message: `container ${id} is not running`,
  })
  await engine.containers.start(id)
  t.is((await healthOf(engine, id)).Status, 'starting')
  await run(engine, id, ['touch', '/well'])
  const waiting = engine.containers.wait(id, ['healthy'])
  t.is(await engine.containers.runHealthCheck(id), 'healthy')
  t.is((await waiting).code, -1)
  t.like((await healthOf(engine, id)).Log[0], { Output: 'checked\n', ExitCode: 0 })
  t.deepEqual(
    (await engine.containers.list({ filters: { health: ['healthy'] } })).map(one => one.id),
    [id],
  )
  await run(engine, id, ['rm', '/well'])
  t.is(await engine.containers.runHealthCheck(id), 'unhealthy')
  t.like(await healthOf(engine, id), { Status: 'healthy', FailingStreak: 1 })
  t.is(await engine.containers.runHealthCheck(id), 'unhealthy')
  t.like(await healthOf(engine, id), { Status: 'unhealthy', FailingStreak: 2 })
  t.is((await engine.containers.wait(id)).code, 137)
  const { id: without } = await engine.containers.create(sleeper)
  await t.throwsAsync(engine.containers.runHealthCheck(without), { code: 'HEALTHCHECK_UNDEFINED' })
  await t.throwsAsync(engine.containers.wait(without, ['healthy']), { code: 'HEALTHCHECK_UNDEFINED' })
})

test('health: the startup check comes first, its failures do not count, and after enough successes the regular one begins', async t => {
  const engine = await openTestEngine(t, 'startup')
  const { id } = await engine.containers.create({
    ...sleeper,
    health: {
      test: ['CMD', 'false'],
      retries: 1,
      startup: { test: ['CMD-SHELL', 'echo beginning; test -e /up'], successes: 2 },
    },
  })
  await engine.containers.start(id)
  t.is(await engine.containers.runHealthCheck(id), 'starting')
  t.like(await healthOf(engine, id), { Status: 'starting', FailingStreak: 0 })
  await run(engine, id, ['touch', '/up'])
  t.is(await engine.containers.runHealthCheck(id), 'healthy')
  t.is(await engine.containers.runHealthCheck(id), 'healthy')
  t.is(await engine.containers.runHealthCheck(id), 'unhealthy')
  t.is((await healthOf(engine, id)).Log.filter(({ Output }) => Output === 'beginning\n').length, 3)
})

test('health: a startup check that fails too often restarts the container', async t => {
  const engine = await openTestEngine(t, 'startup-restart')
  const startup = { test: ['CMD', 'false'], retries: 2 }
  const { id } = await engine.containers.create({ ...sleeper, health: { test: ['CMD', 'true'], startup } })
  await engine.containers.start(id)
  const pid = async () => (await engine.containers.list()).find(one => one.id === id)?.pid
  const first = await pid()
  t.is(await engine.containers.runHealthCheck(id), 'starting')
  t.is(await pid(), first)
  t.is(await engine.containers.runHealthCheck(id), 'starting')
  t.not(await pid(), first)
  t.is((await engine.containers.list())[0]?.state, 'running')
})

test('health: a check that takes too long is ended and has failed', async t => {
  const engine = await openTestEngine(t, 'late')
  const health = { test: ['CMD', 'sleep', '1000'], timeout: 1e9, retries: 1 }
  const { id } = await engine.containers.create({ ...sleeper, health })
  await engine.containers.start(id)
  t.is(await engine.containers.runHealthCheck(id), 'unhealthy')
  const [log] = (await healthOf(engine, id)).Log
  t.is(log?.ExitCode, -1)
  t.regex(log?.Output ?? '', /exceeded timeout of 1s/)
  t.is((await engine.containers.top(id, ['comm'])).length, 2, 'the check is not among the processes any more')
})

test('health: the log goes where it was asked for; update changes the check of a running container', async t => {
  const engine = await openTestEngine(t, 'update-health')
  const directory = join(await tempDir(t, 'log'), 'health')
  mkdirSync(directory)
  const { id } = await engine.containers.create({
    ...sleeper,
    health: { test: ['CMD', 'echo', 'said'], logDestination: directory },
  })
  await engine.containers.start(id)
  await engine.containers.runHealthCheck(id)
  t.regex(readFileSync(join(directory, `${id}-healthcheck.log`), 'utf8'), /said/)
  await engine.containers.update(id, { health: { test: ['CMD', 'false'], retries: 1, maxLogCount: 1 } })
  t.is(await engine.containers.runHealthCheck(id), 'unhealthy')
  t.is((await healthOf(engine, id)).Log.length, 1)
  await engine.containers.update(id, { health: { test: ['NONE'] } })
  await t.throwsAsync(engine.containers.runHealthCheck(id), { code: 'HEALTHCHECK_UNDEFINED' })
  await t.throwsAsync(engine.containers.update(id, { health: { startup: { retries: 1 } } }), { code: 'SPEC_INVALID' })
  await engine.containers.remove(id, { running: 'kill' })
  t.true(existsSync(directory))
})

test('health: where nothing is to be run in the start period, nothing is, and the container is still starting', async t => {
  const engine = await openTestEngine(t, 'start-period')
  const health = { test: ['CMD', 'touch', '/ran'], interval: 3600e9, startPeriod: 3600e9 }
  for (const [startPeriodRuns, verdict, code] of [
    ['none', 'starting', 1],
    ['uncounted', 'healthy', 0],
  ] as const) {
    const { id } = await engine.containers.create({ ...sleeper, health: { ...health, startPeriodRuns } })
    await engine.containers.start(id)
    t.is(await engine.containers.runHealthCheck(id), verdict)
    t.is((await healthOf(engine, id)).Status, code === 0 ? 'healthy' : 'starting')
    await using session = await engine.containers.exec(id, { command: ['test', '-e', '/ran'] })
    session.stdout.resume()
    session.stderr.resume()
    t.like(await session.ended, { code })
  }
})
