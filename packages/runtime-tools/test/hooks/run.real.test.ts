import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import test from 'ava'
import { runHook, runPoststopHooks, runPrecreateHooks } from '../../src/index.ts'

const run = promisify(execFile)
const sh = (script: string, more: object = {}) => ({ path: '/bin/sh', args: ['sh', '-c', script], ...more })
const spec = { ociVersion: '1.0.2', process: { user: { uid: 0, gid: 0 }, cwd: '/', args: ['a'] } }

test('precreate hooks replace the spec, one after another', async t => {
  const hooks = [sh('sed s/\\"a\\"/\\"b\\"/'), sh('true'), sh('sed s/\\"b\\"/\\"c\\"/')]
  const changed = await runPrecreateHooks(hooks, spec)
  t.deepEqual(changed.process?.args, ['c'])
  t.deepEqual(spec.process.args, ['a'])
  t.is(await runPrecreateHooks([], spec), spec)
})

test('a precreate hook that writes no spec is refused', async t => {
  await t.throwsAsync(runPrecreateHooks([sh('echo nonsense')], spec), { code: 'SPEC_INVALID' })
})

test('a hook has its own environment and descriptors only', async t => {
  process.env.SECRET_OF_THE_CALLER = 'x'
  t.teardown(() => delete process.env.SECRET_OF_THE_CALLER)
  const env = await runHook({ path: '/usr/bin/env', args: ['env'], env: ['A=b=c', 'PATH=/bin'] }, '')
  t.is(env, 'A=b=c\nPATH=/bin\n')
  await using file = await open('/usr/share/containers/seccomp.json')
  t.true(file.fd > 2)
  const listing = await runHook(sh('ls -l /proc/self/fd', { env: ['PATH=/bin:/usr/bin'] }), '')
  t.false(listing.includes('seccomp.json'), 'what we have open stays ours')
})

test('a failing hook says why', async t => {
  await t.throwsAsync(runHook(sh('echo broken >&2; exit 3'), ''), {
    code: 'HOOK_FAILED',
    message: 'hook /bin/sh failed: exit status 3: broken',
  })
  await t.throwsAsync(runHook({ path: '/no/such/hook' }, ''), { code: 'HOOK_FAILED', message: /ENOENT/ })
})

test('a hook is stopped at its timeout, with all that it started', async t => {
  const started = performance.now()
  const marker = `3${process.pid}.7`
  const hook = sh(`trap '' TERM; sleep ${marker} & wait; sleep ${marker}`, { timeout: 1 })
  await t.throwsAsync(runHook(hook, '', { grace: 0.2 }), { code: 'HOOK_TIMEOUT' })
  t.true(performance.now() - started < 5000)
  const { stdout } = await run('ps', ['-eo', 'args'])
  t.false(stdout.includes(`sleep ${marker}`))
})

test('an abort kills the hook and rejects with its reason', async t => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const running = runHook(sh('sleep 60'), '', { signal: controller.signal })
  await setTimeout(100)
  controller.abort(reason)
  t.is(await t.throwsAsync(running), reason)
  t.is(await t.throwsAsync(runHook(sh('true'), '', { signal: controller.signal })), reason)
})

test('poststop hooks all run, and read the state', async t => {
  const failures = await runPoststopHooks([sh('exit 1'), sh('grep -q stopped'), sh('exit 2')], { status: 'stopped' })
  t.deepEqual(
    failures.map(error => (error instanceof Error ? error.message : '')),
    ['hook /bin/sh failed: exit status 1', 'hook /bin/sh failed: exit status 2'],
  )
})

test('a hook that writes without end is stopped', async t => {
  await t.throwsAsync(runHook({ path: '/bin/cat', args: ['cat', '/dev/zero'] }, ''), {
    code: 'HOOK_FAILED',
    message: /more than/,
  })
})
