import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { runHealthCheck } from '../../src/containers/health.ts'
import { isRunning } from '../../src/containers/liveness.ts'
import { withContainer } from '../../src/containers/lock.ts'
import { recordEnd } from '../../src/containers/record-end.ts'
import { initialized, runDetached } from '../../src/containers/start.ts'
import type { ContainerId, ContainerSpec, Engine } from '../../src/index.ts'
import type { Rooms } from '../../src/rooms.ts'
import { openTestEngine, sleeper } from './engine.ts'

const roomsOf = (engine: Engine): Rooms => engine as unknown as Rooms

async function started(engine: Engine, spec: ContainerSpec): Promise<ContainerId> {
  const { id } = await engine.containers.create(spec)
  await engine.containers.start(id)
  return id
}

const execIds = async (engine: Engine, id: string): Promise<readonly unknown[]> =>
  (await engine.containers.inspect(id)).ExecIDs as readonly unknown[]

const stateOf = async (engine: Engine, id: string): Promise<string> =>
  (await engine.containers.inspect(id)).State.Status

/** Its process ends by itself, as far as the engine is concerned; nobody cleans up yet. */
async function endByItself(engine: Engine, id: string): Promise<void> {
  const rooms = roomsOf(engine)
  const { pid = 0 } = rooms.state.containers.find(id).status.process ?? {}
  process.kill(pid, 'SIGKILL')
  while (isRunning(rooms, rooms.state.containers.find(id))) await delay(10)
}

/** Does the commands one after the other at one container's lock; each gets there before the next is given. */
async function atTheLock(engine: Engine, id: string, ...commands: readonly (() => Promise<unknown>)[]) {
  return await withContainer(roomsOf(engine), id, async () => {
    const given: Promise<unknown>[] = []
    for (const command of commands) {
      given.push(command())
      await delay(200)
    }
    return given
  }).then(given => Promise.allSettled(given))
}

test('a container that is started between the two steps of a forced removal is removed all the same', async t => {
  const engine = await openTestEngine(t, 'remove-start')
  const { id } = await engine.containers.create(sleeper)
  const [removed, , again] = await atTheLock(
    engine,
    id,
    () => engine.containers.remove(id, { running: 'kill' }),
    () => engine.containers.start(id),
    () => engine.containers.remove(id, { running: 'kill' }),
  )
  t.is(removed?.status, 'fulfilled')
  t.is(again?.status, 'fulfilled')
  t.false(await engine.containers.exists(id))
})

test('a restart outlives a clean-up that would remove the container', async t => {
  const engine = await openTestEngine(t, 'restart-remove')
  const id = await started(engine, { ...sleeper, onExit: 'remove' })
  await endByItself(engine, id)
  const [restarted] = await atTheLock(
    engine,
    id,
    () => engine.containers.restart(id),
    () => engine.containers.cleanup(id, { afterwards: 'remove' }),
  )
  t.deepEqual(restarted, { status: 'fulfilled', value: undefined })
  t.is(await stateOf(engine, id), 'running')
  await engine.containers.stop(id)
  t.false(await engine.containers.exists(id))
})

test('a restart that is given up leaves a container that can be cleaned up', async t => {
  const engine = await openTestEngine(t, 'restart-abort')
  const stubborn = { ...sleeper.process, command: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"] }
  const id = await started(engine, { ...sleeper, process: stubborn })
  const reason = new Error('enough')
  const giveUp = new AbortController()
  const restart = engine.containers.restart(id, { timeout: 1000, signal: giveUp.signal })
  while ((await stateOf(engine, id)) !== 'stopping') await delay(10)
  await t.throwsAsync(engine.containers.start(id), {
    code: 'CONTAINER_STATE',
    message: /must be in Created or Stopped/,
  })
  await t.throwsAsync(engine.containers.restart(id), { code: 'CONTAINER_STATE', message: /^unable to restart/ })
  giveUp.abort(reason)
  await t.throwsAsync(restart, { is: reason })
  await engine.containers.kill(id, 'KILL')
  await engine.containers.wait(id)
  await engine.containers.cleanup(id)
  t.is(await stateOf(engine, id), 'exited')
})

test('what is paused is not started, restarted or paused again, and what only was prepared is not killed', async t => {
  const engine = await openTestEngine(t, 'paused')
  const id = await started(engine, sleeper)
  await engine.containers.pause(id)
  await t.throwsAsync(engine.containers.start(id), {
    code: 'CONTAINER_STATE',
    message: /must be in Created or Stopped/,
  })
  await t.throwsAsync(engine.containers.startAttached(id), { code: 'CONTAINER_STATE' })
  await t.throwsAsync(engine.containers.restart(id), { code: 'CONTAINER_STATE', message: /^unable to restart/ })
  await t.throwsAsync(engine.containers.pause(id), { message: /is already paused/ })
  t.is(await stateOf(engine, id), 'paused')
  const { id: prepared } = await engine.containers.create(sleeper)
  await engine.containers.init(prepared)
  await t.throwsAsync(engine.containers.kill(prepared, 'KILL'), { message: /is in state initialized/ })
})

test('a check of an earlier run says nothing of a later one', async t => {
  const engine = await openTestEngine(t, 'late-check')
  const healthcheck = { test: ['CMD-SHELL', 'sleep 1000'], retries: 1, onFailure: 'stop', interval: 0 } as const
  const id = await started(engine, { ...sleeper, health: healthcheck })
  const check = runHealthCheck(roomsOf(engine), id)
  while ((await execIds(engine, id)).length === 0) await delay(10)
  const rooms = roomsOf(engine)
  await withContainer(rooms, id, async record => {
    await endByItself(engine, id)
    await runDetached(rooms, await initialized(rooms, await recordEnd(rooms, record), {}))
  })
  t.is(await check, 'stopped')
  t.is(await stateOf(engine, id), 'running')
  t.like((await engine.containers.inspect(id)).State, { Health: { Status: 'starting', Log: [] } })
})

test('two networks that are connected at once are both connected', async t => {
  const engine = await openTestEngine(t, 'connect-twice')
  const names = await Promise.all(
    [0, 1, 2].map(async () => {
      const { name } = await engine.networks.create({
        interface: `lprace${randomInt(36 ** 6).toString(36)}`,
        subnets: [{ subnet: `10.${220 + randomInt(20)}.${randomInt(256)}.0/24` }],
      })
      t.teardown(() => engine.networks.remove(name, { users: 'remove', timeout: 0 }))
      return name
    }),
  )
  const [first = '', ...others] = names
  const id = await started(engine, { ...sleeper, network: { mode: { kind: 'bridge', networks: [{ name: first }] } } })
  await Promise.all(others.map(name => engine.networks.connect(name, id, {})))
  const { Networks } = (await engine.containers.inspect(id)).NetworkSettings as { Networks: object }
  t.deepEqual(new Set(Object.keys(Networks)), new Set(names))
  await Promise.all([engine.networks.disconnect(first, id, 'graceful'), engine.containers.stop(id)])
  t.is(await stateOf(engine, id), 'exited')
})
