import test from 'ava'
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
