import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { processesAbout, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { attach, findConmon, startMonitor, waitExit } from '../src/index.ts'
import { type RealContainer, realContainer, started } from './real-container.ts'

const sleeper = { args: ['sleep', '600'] }

/** A runtime that behaves as the script says. */
async function withRuntime(container: RealContainer, script: string): Promise<RealContainer['job']> {
  const runtime = join(container.directory, 'bad-runtime')
  await writeFile(runtime, `#!/bin/sh\n${script}\n`)
  await chmod(runtime, 0o755)
  return { ...container.job, runtime }
}

/** A killed process takes a moment to be gone; one that stays lets the test's time run out. */
async function allEnded(directory: string): Promise<void> {
  while ((await processesAbout(directory)).length > 0) await delay(20)
}

test('a program that is not there, and one that may not be run', async t => {
  const missing = await realContainer(t, { args: ['nope'] })
  const error = await t.throwsAsync(startMonitor(missing.job), { code: 'EXECUTABLE_NOT_FOUND' })
  t.regex(error?.message ?? '', /^runc: .*"nope"/)
  const plain = await realContainer(t, { args: ['/etc/passwd'] })
  t.like(await t.throwsAsync(startMonitor(plain.job)), {
    code: 'EXECUTABLE_NOT_PERMITTED',
    subject: plain.job.containerId,
  })
})

test('a bundle that the runtime refuses is told in its words', async t => {
  const container = await realContainer(t, sleeper)
  await writeFile(join(container.bundle, 'config.json'), '{"ociVersion":"1.0.2","process":{}}')
  const error = await t.throwsAsync(startMonitor(container.job), { code: 'RUNTIME_FAILED' })
  t.regex(error?.message ?? '', /^runc: .+/)
})

test('a runtime that is no program', async t => {
  const container = await realContainer(t, sleeper)
  await t.throwsAsync(startMonitor({ ...container.job, runtime: '/nonexistent/runc' }), { code: 'RUNTIME_NOT_FOUND' })
})

test('a runtime that dies without a word', async t => {
  const container = await realContainer(t, sleeper)
  const job = await withRuntime(container, 'exit 1')
  await t.throwsAsync(startMonitor(job), { code: 'MONITOR_DIED' })
})

test('a runtime that complains to its log alone, and whose older complaints are there too', async t => {
  const container = await realContainer(t, sleeper)
  const log = container.job.ociLog as string
  await writeFile(log, '{"level":"error","msg":"an old story: permission denied"}\n')
  const silent = await withRuntime(container, 'exit 1')
  await t.throwsAsync(startMonitor(silent), { code: 'MONITOR_DIED' })
  const job = await withRuntime(container, `echo '{"level":"error","msg":"no luck today"}' >>${log}; exit 1`)
  await t.throwsAsync(startMonitor(job), { code: 'RUNTIME_FAILED', message: 'bad-runtime: no luck today' })
})

test('a runtime that lies: success without a container', async t => {
  const container = await realContainer(t, sleeper)
  const job = await withRuntime(container, 'exit 0')
  await t.throwsAsync(startMonitor(job))
  t.deepEqual(await processesAbout(container.directory), [])
})

test('a runtime that complains more than conmon reads is stopped', async t => {
  const container = await realContainer(t, sleeper)
  const job = await withRuntime(container, 'head -c 20000000 /dev/zero | tr "\\0" x >&2; exit 1')
  await t.throwsAsync(startMonitor({ ...job, patience: 1000 }), { code: 'RUNTIME_TIMED_OUT' })
})

test('a runtime that hangs is killed when patience ends, with all that it started', async t => {
  const container = await realContainer(t, sleeper)
  const job = await withRuntime(container, `sleep 600 & echo ${container.directory}; sleep 600`)
  await t.throwsAsync(startMonitor({ ...job, patience: 300 }), { code: 'RUNTIME_TIMED_OUT' })
  await allEnded(container.directory)
  t.pass()
})

test('an abort kills the hanging runtime and rejects with its reason', async t => {
  const container = await realContainer(t, sleeper)
  const job = await withRuntime(container, 'sleep 600')
  const signal = AbortSignal.timeout(200)
  await t.throwsAsync(startMonitor({ ...job, signal }), { name: 'TimeoutError' })
  await allEnded(container.directory)
  t.pass()
})

test('the socket for the terminal goes with a conmon that is killed while the runtime hangs', async t => {
  const container = await realContainer(t, { ...sleeper, terminal: true })
  const temporary = join(container.directory, 'tmp')
  await mkdir(temporary)
  const begun = join(container.directory, 'begun')
  const job = await withRuntime(container, `touch ${begun}; sleep 600`)
  const giveUp = new AbortController()
  const env = { ...job.env, TMPDIR: temporary }
  const reason = new Error('enough')
  const start = t.throwsAsync(startMonitor({ ...job, env, signal: giveUp.signal }), { is: reason })
  while (!existsSync(begun)) await delay(5)
  t.is((await readdir(temporary)).length, 1)
  giveUp.abort(reason)
  await start
  t.deepEqual(await readdir(temporary), [])
})

test('a socket of the same name stays that is none of conmon: whatever a container runs may have one', async t => {
  const container = await realContainer(t, { ...sleeper, terminal: true })
  const socket = join(container.directory, 'conmon-term.ABCDEF')
  const listen = `require("node:net").createServer().listen(${JSON.stringify(socket)})`
  const job = await withRuntime(container, `exec ${process.execPath} -e '${listen}'`)
  const giveUp = new AbortController()
  const reason = new Error('enough')
  const start = t.throwsAsync(startMonitor({ ...job, signal: giveUp.signal }), { is: reason })
  while (!existsSync(socket)) await delay(5)
  giveUp.abort(reason)
  await start
  t.true(existsSync(socket))
})

test('a container whose monitor is killed has an unknown end', async t => {
  const container = await realContainer(t, sleeper)
  const { monitorPid } = await started(container)
  const { exitDir, containerId } = container.job
  const stream = attach(join(container.bundle, 'attach'))
  const ended = stream.onOutput(() => {})
  const exit = waitExit(exitDir, containerId, { monitor: monitorPid })
  process.kill(monitorPid, 'SIGKILL')
  t.is((await exit).code, 'unknown')
  await ended
})

test('a monitor that was dead before is noticed at once', async t => {
  const directory = await tempDir(t)
  t.is((await waitExit(directory, 'x', { monitor: { pid: process.pid, startTime: '1' } })).code, 'unknown')
  t.is((await waitExit(directory, 'x', { monitor: 4_194_304 })).code, 'unknown')
})

test('waiting can be aborted', async t => {
  const directory = await tempDir(t)
  const signal = AbortSignal.timeout(50)
  await t.throwsAsync(waitExit(directory, 'x', { signal }), { name: 'TimeoutError' })
})

test('an exit file that says something else is an unknown end', async t => {
  const directory = await tempDir(t)
  await writeFile(join(directory, 'x'), '../../etc')
  t.is((await waitExit(directory, 'x')).code, 'unknown')
})

test('conmon that is missing, that is something else, and that refuses its arguments', async t => {
  const container = await realContainer(t, sleeper)
  await t.throwsAsync(startMonitor({ ...container.job, conmon: '/nonexistent' }), { code: 'MONITOR_NOT_FOUND' })
  await t.throwsAsync(startMonitor({ ...container.job, conmon: '/bin/false' }), { code: 'MONITOR_DIED' })
  await t.throwsAsync(startMonitor({ ...container.job, conmon: '/bin/true' }), { code: 'MONITOR_DIED' })
  const error = await t.throwsAsync(startMonitor({ ...container.job, logLevel: 'bogus' }), { code: 'MONITOR_DIED' })
  t.regex(error?.message ?? '', /bogus/)
  t.throws(() => findConmon(['/nonexistent']), { code: 'MONITOR_NOT_FOUND' })
})

test('a bundle that is not there', async t => {
  const container = await realContainer(t, sleeper)
  await t.throwsAsync(startMonitor({ ...container.job, bundle: join(container.directory, 'none') }))
  await mkdir(join(container.directory, 'empty'))
  await t.throwsAsync(startMonitor({ ...container.job, bundle: join(container.directory, 'empty') }), {
    instanceOf: Error,
  })
})
