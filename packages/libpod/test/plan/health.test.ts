import test from 'ava'
import { afterStartupRun, changedHealth, healthCommand, plannedHealth } from '../../src/plan/health.ts'

test('the words of a check become a command', t => {
  t.deepEqual(healthCommand(['CMD', 'a', 'b']), ['a', 'b'])
  t.deepEqual(healthCommand(['CMD-SHELL', 'a | b']), ['/bin/sh', '-c', 'a | b'])
  t.deepEqual(healthCommand(['a', 'b']), ['a', 'b'])
  for (const none of [[], ['NONE'], [''], ['CMD'], ['CMD', '']]) t.is(healthCommand(none), undefined)
})

test("a new container's check is the caller's over the image's, and nothing stands without one", t => {
  const image = { test: ['CMD', 'image'], retries: 5 }
  t.deepEqual(plannedHealth(image, { retries: 2 }), { test: ['CMD', 'image'], retries: 2 })
  t.is(plannedHealth(undefined, undefined), undefined)
  t.deepEqual(plannedHealth(image, { startup: { retries: 1 } }), image, 'a startup check without a command is none')
  t.throws(() => plannedHealth(undefined, { onFailure: 'kill' }), {
    message: 'cannot set on-failure action to kill without a health check',
  })
  t.throws(() => plannedHealth(undefined, { startup: { test: ['CMD', 'x'] } }), { code: 'SPEC_INVALID' })
})

test('a change keeps what it says nothing of', t => {
  const before = { test: ['CMD', 'x'], interval: 1, startup: { test: ['CMD', 'y'], retries: 1 } }
  t.deepEqual(changedHealth(before, { retries: 4, startup: { successes: 2 } }), {
    ...before,
    retries: 4,
    startup: { test: ['CMD', 'y'], retries: 1, successes: 2 },
  })
  t.deepEqual(changedHealth(before, { test: ['NONE'] }), { test: ['NONE'], interval: 1 })
  t.throws(() => changedHealth(undefined, { interval: 1 }), { message: /healthcheck command is not set/ })
  t.throws(() => changedHealth(before, { test: ['NONE'], retries: 1 }), { message: /--no-healthcheck/ })
})

test('the startup check passes after successes in a row, and restarts after too many failures', t => {
  const startup = { test: ['CMD', 'x'], successes: 2, retries: 2 }
  const once = afterStartupRun(startup, undefined, 'success')
  t.is(once.verdict, 'go-on')
  t.is(afterStartupRun(startup, once.progress, 'success').verdict, 'passed')
  const failed = afterStartupRun(startup, once.progress, 'failure')
  t.deepEqual(failed, { progress: { successes: 0, failures: 1, passed: 'no' }, verdict: 'go-on' })
  t.is(afterStartupRun(startup, failed.progress, 'failure').verdict, 'restart')
  t.is(afterStartupRun({ test: ['x'] }, undefined, 'success').verdict, 'passed')
  t.is(afterStartupRun({ test: ['x'] }, failed.progress, 'failure').verdict, 'go-on')
})
