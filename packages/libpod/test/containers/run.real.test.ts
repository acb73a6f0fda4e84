import { text } from 'node:stream/consumers'
import test from 'ava'
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

test('a start that fails leaves no container', async t => {
  const engine = await openTestEngine(t, 'fails')
  await t.throwsAsync(engine.containers.run({ image, network, process: { command: ['no-such-program'] } }), {
    code: 'COMMAND_NOT_FOUND',
  })
  t.deepEqual(await engine.containers.list({ which: 'all' }), [])
})
