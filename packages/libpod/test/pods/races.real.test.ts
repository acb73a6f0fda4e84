import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { isRunning } from '../../src/containers/liveness.ts'
import { withContainer } from '../../src/containers/lock.ts'
import type { ContainerSpec, Engine } from '../../src/index.ts'
import type { Rooms } from '../../src/rooms.ts'
import { openTestEngine, sleeper } from '../containers/engine.ts'

const roomsOf = (engine: Engine): Rooms => engine as unknown as Rooms

const member = ({ network: _, ...spec }: ContainerSpec, pod: string): ContainerSpec => ({ ...spec, pod })

async function started(engine: Engine, spec: ContainerSpec): Promise<string> {
  const { id } = await engine.containers.create(spec)
  await engine.containers.start(id)
  return id
}

const stateOf = async (engine: Engine, id: string): Promise<string> =>
  (await engine.containers.inspect(id)).State.Status

/** Its process ends by itself; nobody cleans up yet. */
async function endByItself(engine: Engine, id: string): Promise<void> {
  const rooms = roomsOf(engine)
  process.kill(rooms.state.containers.find(id).status.process?.pid ?? 0, 'SIGKILL')
  while (isRunning(rooms, rooms.state.containers.find(id))) await delay(10)
}

test('a pod that is stopped stays so, though a restart policy was about to start one of its containers again', async t => {
  const engine = await openTestEngine(t, 'pod-stop-restart')
  const { id: pod } = await engine.pods.create({ name: 'stopped', share: ['ipc'] })
  const id = await started(engine, member({ ...sleeper, restart: { name: 'always' } }, pod))
  await endByItself(engine, id)
  await engine.pods.stop(pod)
  await engine.containers.cleanup(id)
  t.is(await stateOf(engine, id), 'exited')
  await engine.pods.remove(pod)
})

test('a pod ends with its last container, not while one is about to be started again', async t => {
  const engine = await openTestEngine(t, 'pod-exit-restart')
  const { id: pod } = await engine.pods.create({ name: 'ending', share: ['ipc'], exitPolicy: 'stop' })
  const { InfraContainerID: infra } = (await engine.pods.inspect(pod)) as { InfraContainerID: string }
  const again = await started(engine, member({ ...sleeper, restart: { name: 'always' } }, pod))
  const once = await started(engine, member(sleeper, pod))
  await endByItself(engine, again)
  await endByItself(engine, once)
  await engine.containers.cleanup(once)
  t.is(await stateOf(engine, infra), 'running')
  await engine.containers.cleanup(again)
  t.is(await stateOf(engine, again), 'running')
  await engine.containers.stop(again)
  await engine.containers.cleanup(again)
  t.is(await stateOf(engine, infra), 'exited')
  await engine.pods.remove(pod)
})

test('a pod is not removed with a container that was started meanwhile, unless by force', async t => {
  const engine = await openTestEngine(t, 'pod-remove-start')
  const { id: pod } = await engine.pods.create({ name: 'busy', share: ['ipc'] })
  const { InfraContainerID: infra } = (await engine.pods.inspect(pod)) as { InfraContainerID: string }
  await engine.containers.start(infra)
  const { id } = await engine.containers.create(member(sleeper, pod))
  const { start, remove } = await withContainer(roomsOf(engine), id, async () => {
    const start = engine.containers.start(id)
    await delay(200)
    const remove = engine.pods.remove(pod)
    remove.catch(() => {})
    await delay(200)
    return { start, remove }
  })
  await start
  await t.throwsAsync(remove, { code: 'CONTAINER_RUNNING' })
  t.is(await stateOf(engine, id), 'running')
  await engine.pods.remove(pod, { running: 'kill', timeout: 0 })
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('a pod ends with its last container also when that is stopped, or removed by force', async t => {
  const engine = await openTestEngine(t, 'pod-exit-stop')
  const { id: pod } = await engine.pods.create({ name: 'ending', share: ['ipc'], exitPolicy: 'stop' })
  const { InfraContainerID: infra } = (await engine.pods.inspect(pod)) as { InfraContainerID: string }
  const one = await started(engine, member(sleeper, pod))
  const other = await started(engine, member(sleeper, pod))
  await engine.containers.stop(one, { timeout: 0 })
  t.is(await stateOf(engine, infra), 'running')
  await engine.containers.stop(other, { timeout: 0 })
  t.is(await stateOf(engine, infra), 'exited')
  await engine.pods.start(pod)
  await engine.containers.remove(one, { running: 'kill', timeout: 0 })
  t.is(await stateOf(engine, infra), 'running')
  await engine.containers.remove(other, { running: 'kill', timeout: 0 })
  t.is(await stateOf(engine, infra), 'exited')
  await engine.pods.remove(pod)
})
