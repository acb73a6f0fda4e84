import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import { currentStatus } from '../../src/containers/liveness.ts'
import { containerPaths } from '../../src/containers/paths.ts'
import type { Rooms } from '../../src/rooms.ts'
import { image, openTestEngine, sleeper } from './engine.ts'

test('stop takes the image along when it was asked for, and leaves one that others use', async t => {
  const engine = await openTestEngine(t, 'stop-rmi')
  const begin = async (onExit: 'keep' | 'remove-with-image') => {
    const { id } = await engine.containers.create({ ...sleeper, onExit })
    await engine.containers.start(id)
    return id
  }
  const [first, other] = [await begin('remove-with-image'), await begin('keep')]
  await engine.containers.stop(first)
  t.false(await engine.containers.exists(first))
  t.true(await engine.images.exists(image))
  await engine.containers.remove(other, { running: 'kill', timeout: 0 })
  await engine.containers.stop(await begin('remove-with-image'))
  t.false(await engine.images.exists(image))
})

test('restart says when it had to kill', async t => {
  const engine = await openTestEngine(t, 'restart-warning')
  const stubborn = { ...sleeper.process, command: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"] }
  const { id } = await engine.containers.create({ ...sleeper, name: 'stubborn', process: stubborn })
  await engine.containers.start(id)
  const warnings: string[] = []
  await engine.containers.restart(id, { timeout: 1, onWarning: text => void warnings.push(text) })
  t.deepEqual(warnings, ['StopSignal SIGTERM failed to stop container stubborn in 1 seconds, resorting to SIGKILL'])
})

test('a filter by name heeds no slash, wherever it stands', async t => {
  const engine = await openTestEngine(t, 'slash')
  const { id } = await engine.containers.create({ ...sleeper, name: 'one' })
  const found = await engine.containers.list({ which: 'all', filters: { name: ['^/one$'] } })
  t.deepEqual(
    found.map(container => container.id),
    [id],
  )
})

test('wait tells the code of one run of a container that is restarted again and again', async t => {
  const engine = await openTestEngine(t, 'wait-restart')
  const failing = { ...sleeper.process, command: ['sh', '-c', 'exit 3'] }
  const { id } = await engine.containers.create({ ...sleeper, process: failing, restart: { name: 'always' } })
  await engine.containers.start(id)
  for (let round = 0; round < 3; round++) t.is((await engine.containers.wait(id)).code, 3)
})

test('a conmon that is not there is told of before anything is done', async t => {
  await t.throwsAsync(openTestEngine(t, 'no-conmon', { conmon: '/nonexistent/conmon' }), { code: 'MONITOR_NOT_FOUND' })
})

test('the network of a container tells of it as long as it runs', async t => {
  const engine = await openTestEngine(t, 'network-users')
  const mark = `lpend${randomInt(36 ** 6).toString(36)}`
  const { name } = await engine.networks.create({
    name: mark,
    interface: mark,
    subnets: [{ subnet: `10.215.${randomInt(256)}.0/24` }],
  })
  t.teardown(() => engine.networks.remove(name, { users: 'remove', timeout: 0 }))
  const mode = { kind: 'bridge', networks: [{ name }] } as const
  const { id } = await engine.containers.create({ ...sleeper, name: 'plugged', network: { mode } })
  t.deepEqual((await engine.networks.inspect(name)).containers, {})
  await engine.containers.start(id)
  const { containers } = await engine.networks.inspect(name)
  t.is(containers[id]?.name, 'plugged')
  t.regex(containers[id]?.interfaces.eth0?.subnets[0]?.ipnet ?? '', /^\d+\.\d+\.\d+\.\d+\/24$/)
  await engine.containers.stop(id)
  t.deepEqual((await engine.networks.inspect(name)).containers, {})
})

test('who read the record while it ran sees how it ended, though the end is recorded and cleaned up after', async t => {
  const engine = await openTestEngine(t, 'late-reader')
  const rooms = engine as unknown as Rooms
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  const early = rooms.state.containers.find(id)
  await engine.containers.kill(id, 'KILL')
  await engine.containers.wait(id)
  await engine.containers.cleanup(id)
  t.is(rooms.state.containers.find(id).status.state, 'exited')
  t.like(currentStatus(rooms, early), { state: 'stopped', exitCode: 137 })
})

test('a command that nobody waits for leaves nothing when it has ended', async t => {
  const engine = await openTestEngine(t, 'exec-detached')
  const { id } = await engine.containers.create(sleeper)
  await engine.containers.start(id)
  const session = await engine.containers.execDetached(id, { command: ['sh', '-c', 'exit 3'] })
  const { bundle } = containerPaths(engine.options, id)
  while (existsSync(join(bundle, session))) await delay(20)
  t.deepEqual((await engine.containers.inspect(id)).ExecIDs, [])
  await engine.containers.stop(id)
})
