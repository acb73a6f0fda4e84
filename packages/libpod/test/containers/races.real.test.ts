import { randomInt } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { commitContainer } from '../../src/containers/commit.ts'
import { execContainer, execDetached } from '../../src/containers/exec.ts'
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

test('what is paused is not started, restarted, stopped, paused again or listed as running, and what only was prepared is not killed', async t => {
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
  await t.throwsAsync(engine.containers.stop(id), { code: 'CONTAINER_STATE', message: /paused, refusing to clean up/ })
  t.is(await stateOf(engine, id), 'paused')
  t.deepEqual(await engine.containers.list(), [])
  t.is((await engine.containers.list({ filters: { status: ['paused'] } }))[0]?.id, id)
  await engine.containers.kill(id, 'KILL')
  t.is(await stateOf(engine, id), 'exited')
  t.is((await engine.containers.inspect(id)).State.ExitCode, 137)
  const { id: prepared } = await engine.containers.create(sleeper)
  await engine.containers.init(prepared)
  await t.throwsAsync(engine.containers.kill(prepared, 'KILL'), { message: /is in state initialized/ })
})

test('what got a signal from its user, whichever it was, is not started again by its restart policy', async t => {
  const engine = await openTestEngine(t, 'kill-restart')
  const heeding = { ...sleeper.process, command: ['sh', '-c', "trap 'exit 3' USR1; while :; do sleep 0.1; done"] }
  const id = await started(engine, { ...sleeper, process: heeding, restart: { name: 'always' } })
  while ((await engine.containers.inspect(id)).State.Running) {
    await engine.containers.kill(id, 'USR1').catch(() => {})
    await delay(50)
  }
  await engine.containers.cleanup(id)
  t.like((await engine.containers.inspect(id)).State, { Status: 'exited', ExitCode: 3 })
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
  t.like((await engine.containers.inspect(id)).State, { Health: { Status: 'starting', Log: null } })
})

test('two networks that are connected at once are both connected', async t => {
  const engine = await openTestEngine(t, 'connect-twice')
  const names = await Promise.all(
    [0, 1, 2].map(async () => {
      const mark = `lprace${randomInt(36 ** 6).toString(36)}`
      const { name } = await engine.networks.create({
        name: mark,
        interface: mark,
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

type Told = Parameters<Rooms['events']['write']>[0]

/** The rooms, with something that happens whenever an event of a kind is written. */
function meanwhile(engine: Engine, status: string, happens: () => Promise<unknown>): Rooms {
  const rooms = roomsOf(engine)
  const write = async (event: Told): Promise<void> => {
    await rooms.events.write(event)
    if (event.status === status) await happens()
  }
  const { options, config, host, state, containers, images, volumes, artifacts, secrets, runtime } = rooms
  const events = { ...rooms.events, write }
  const others = { images, volumes, artifacts, secrets, runtime, store: () => rooms.store() }
  return { options, config, host, state, containers, events, ...others } as Rooms
}

test('a command for a container that ends, or is removed, before it is there is refused, and leaves nothing', async t => {
  const engine = await openTestEngine(t, 'exec-end')
  const refused = { code: 'CONTAINER_STATE', message: /^can only create exec sessions on running containers/ }
  const id = await started(engine, sleeper)
  const ends = meanwhile(engine, 'exec', () => engine.containers.stop(id))
  await t.throwsAsync(execContainer(ends, id, { command: ['true'] }), refused)
  await engine.containers.start(id)
  await t.throwsAsync(execDetached(ends, id, { command: ['true'] }), refused)
  await engine.containers.start(id)
  const goes = meanwhile(engine, 'exec', () => engine.containers.remove(id, { running: 'kill' }))
  await t.throwsAsync(execContainer(goes, id, { command: ['true'] }), refused)
  t.deepEqual(await readdir(join(engine.options.root, 'overlay-containers', id)).catch(() => []), [])
})

test('a commit that paused its container does not mind that somebody let it go on', async t => {
  const engine = await openTestEngine(t, 'commit-unpause')
  const id = await started(engine, sleeper)
  const rooms = meanwhile(engine, 'commit', () => engine.containers.unpause(id))
  const image = await commitContainer(rooms, id, { pause: 'yes' })
  t.true(await engine.images.exists(image))
  t.is(await stateOf(engine, id), 'running')
})

test('a container is not made of what went while it was planned', async t => {
  const engine = await openTestEngine(t, 'made-late')
  const { containers } = roomsOf(engine).state
  const { id: pod } = await engine.pods.create({ share: ['ipc'] })
  const { network: _, ...spec } = sleeper
  const { id } = await engine.containers.create({ ...spec, pod })
  const needs = containers.needsOf(id)
  const record = containers.find(id)
  await engine.containers.remove(id)
  const uses = { needs, volumes: [], networks: [] }
  await engine.pods.remove(pod)
  t.throws(() => containers.insert(record, uses), { code: 'POD_UNKNOWN' })
  const { podId: __, ...config } = record.config
  t.throws(() => containers.insert({ ...record, config }, uses), { code: 'CONTAINER_UNKNOWN' })
  t.deepEqual(containers.all(), [])
})

test('what needs a container keeps it, also when it was made while that was to be removed', async t => {
  const engine = await openTestEngine(t, 'needed')
  const id = await started(engine, { ...sleeper, onExit: 'remove' })
  const needing: ContainerSpec = { ...sleeper, dependencies: [id] }
  const [refused] = await atTheLock(
    engine,
    id,
    () => engine.containers.remove(id, { running: 'kill' }),
    () => engine.containers.create(needing),
  )
  t.like(refused, { status: 'rejected', reason: { code: 'CONTAINER_IN_USE' } })
  await engine.containers.cleanup(id, { afterwards: 'remove' })
  t.is(await stateOf(engine, id), 'exited')
  const [removed] = await atTheLock(
    engine,
    id,
    () => engine.containers.remove(id, { dependents: 'remove' }),
    () => engine.containers.create(needing),
  )
  t.is(removed?.status, 'fulfilled')
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('nothing that needs a container is made once that is being removed', async t => {
  const engine = await openTestEngine(t, 'removing')
  const { containers } = roomsOf(engine).state
  const { id } = await engine.containers.create(sleeper)
  containers.setRemoving(id, containers.find(id).status)
  const needing = engine.containers.create({ ...sleeper, dependencies: [id] })
  await t.throwsAsync(needing, { code: 'CONTAINER_STATE', message: /is being removed/ })
  await engine.containers.remove(id)
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('pruning leaves what is in a pod to the pod', async t => {
  const engine = await openTestEngine(t, 'prune-pod')
  const { id: pod } = await engine.pods.create({ share: ['ipc'] })
  const { network: _, ...spec } = sleeper
  const { id: member } = await engine.containers.create({ ...spec, pod })
  const { id: alone } = await engine.containers.create(sleeper)
  t.deepEqual(
    (await engine.containers.prune()).map(({ id, error }) => ({ id, error })),
    [{ id: alone, error: undefined }],
  )
  t.true(await engine.containers.exists(member))
  await engine.pods.remove(pod)
})
