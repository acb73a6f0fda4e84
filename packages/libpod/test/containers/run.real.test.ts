import { text } from 'node:stream/consumers'
import test from 'ava'
import type { AttachSession } from '../../src/index.ts'
import { image, openTestEngine, sleeper } from './engine.ts'

const network = { mode: { kind: 'none' } } as const

test('run: streams, exit code, and nothing left', async t => {
  const engine = await openTestEngine(t, 'run')
  await using container = await engine.containers.run(
    { image, network, process: { command: ['sh', '-c', 'cat; echo err >&2; exit 7'], stdin: 'open' } },
    { stdin: 'open' },
  )
  container.stdin.end('in')
  const [out, error, code] = await Promise.all([text(container.stdout), text(container.stderr), container.exited])
  t.deepEqual([out, error, code], ['in', 'err\n', 7])
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('run: disposing and aborting kill and remove; onExit keep leaves it', async t => {
  const engine = await openTestEngine(t, 'dispose')
  {
    await using container = await engine.containers.run(sleeper)
    t.true(await engine.containers.exists(container.id))
  }
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
  const controller = new AbortController()
  const aborted = await engine.containers.run(sleeper, { signal: controller.signal })
  const reason = new Error('enough')
  controller.abort(reason)
  t.is(await aborted.exited.catch((error: unknown) => error), reason)
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
  {
    await using kept = await engine.containers.run({ ...sleeper, onExit: 'keep', process: { command: ['true'] } })
    kept.stdout.resume()
    t.is(await kept.exited, 0)
  }
  t.is((await engine.containers.list({ which: 'all' })).length, 1)
})

test('the session is there before the program runs, and ends with a start that fails', async t => {
  const engine = await openTestEngine(t, 'attached')
  const sessions: AttachSession[] = []
  const start = async (command: string) => {
    const { id } = await engine.containers.create({ image, network, process: { command: [command] } })
    const began = engine.containers.startAttached(id, {
      onAttached: session => {
        for (const stream of [session.stdout, session.stderr]) stream.resume()
        sessions.push(session)
      },
    })
    return began.finally(() => engine.containers.cleanup(id))
  }
  const given = await start('true')
  t.is(sessions[0], given)
  t.deepEqual(await given.ended, { how: 'exited', code: 0 })
  const error = await t.throwsAsync(start('no-such-program'), { code: 'COMMAND_NOT_FOUND' })
  for (const failed of sessions.slice(1)) t.is(await failed.ended.catch((reason: unknown) => reason), error)
})

test('a start that fails leaves no container', async t => {
  const engine = await openTestEngine(t, 'fails')
  await t.throwsAsync(engine.containers.run({ image, network, process: { command: ['no-such-program'] } }), {
    code: 'COMMAND_NOT_FOUND',
  })
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})

test('what one container is made with faster than the one before it makes it no larger', async t => {
  const engine = await openTestEngine(t, 'alike')
  for (const name of ['first', 'second']) {
    await using container = await engine.containers.run({ ...sleeper, name, onExit: 'keep' })
    t.true(await engine.containers.exists(container.id))
  }
  const [first, second] = await engine.containers.list({ which: 'all', size: 'yes' })
  t.true((first?.size?.rw ?? 0) > 0)
  t.true(Math.abs((first?.size?.rw ?? 0) - (second?.size?.rw ?? 0)) < 100)
})
