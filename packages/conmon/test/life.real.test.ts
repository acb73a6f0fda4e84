import { existsSync, globSync, readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AttachStream,
  attach,
  identifyProcess,
  launchMonitor,
  readExit,
  readLogs,
  readOom,
  startMonitor,
  waitExit,
} from '../src/index.ts'
import { realContainer, started } from './real-container.ts'

const shell = (script: string): string[] => ['sh', '-c', script]

async function streams(stream: AttachStream): Promise<{ stdout: string; stderr: string }> {
  const text = { stdout: '', stderr: '' }
  for await (const { stream: name, bytes } of stream) text[name] += bytes
  return text
}

test('a container is created, attached to, started; its streams, exit status and log are right', async t => {
  const container = await realContainer(t, { args: shell('echo out; echo err >&2; exit 7') })
  const { monitorPid, pid } = await startMonitor(container.job)
  t.truthy(identifyProcess(monitorPid))
  t.truthy(identifyProcess(pid))
  t.is(readExit(container.job.exitDir, container.job.containerId), undefined)
  const output = streams(attach(join(container.bundle, 'attach')))
  await container.runtime('start')
  t.deepEqual(await output, { stdout: 'out\n', stderr: 'err\n' })
  const exit = await waitExit(container.job.exitDir, container.job.containerId, { monitor: monitorPid })
  t.is(exit.code, 7)
  t.true(Math.abs(exit.finishedAt.getTime() - Date.now()) < 60_000)
  const log = await Array.fromAsync(readLogs({ driver: 'k8s-file', path: join(container.bundle, 'ctr.log') }))
  t.deepEqual(log.map(({ stream, message }) => `${stream} ${message}`).sort(), ['stderr err', 'stdout out'])
  t.false(readOom(container.bundle, container.job.persistDir as string))
})

test('a monitor starts up before there is a config.json, and one can attach while the runtime creates', async t => {
  const container = await realContainer(t, { args: shell('echo said') })
  const file = join(container.bundle, 'config.json')
  const config = await readFile(file)
  await rm(file)
  const early: AttachStream[] = []
  const onAttachable = (): void => void early.push(attach(join(container.bundle, 'attach')))
  using monitor = launchMonitor({ ...container.job, onAttachable })
  await writeFile(file, config)
  await monitor.create()
  const [stream] = early
  if (stream === undefined) return t.fail('nobody said that one can attach')
  const output = streams(stream)
  await container.runtime('start')
  t.is((await output).stdout, 'said\n')
})

test('a monitor that is not needed after all is gone, and the runtime has made nothing', async t => {
  const container = await realContainer(t, { args: shell('true') })
  const isIts = (file: string): boolean => {
    try {
      return readFileSync(file, 'latin1').split('\0').includes(container.job.containerId)
    } catch {
      return false // another's, which has ended
    }
  }
  const its = () => globSync('/proc/[0-9]*/cmdline').filter(isIts)
  const monitor = launchMonitor(container.job)
  while (its().length === 0) await delay(5) // what a process was started with shows a moment after it was
  monitor[Symbol.dispose]()
  while (its().length > 0) await delay(5)
  await t.throwsAsync(container.runtime('state'))
  t.false(existsSync(container.job.conmonPidFile))
})

test('input arrives whole, its end closes the standard input', async t => {
  const container = await realContainer(t, { args: ['md5sum'], job: { stdin: true } })
  await startMonitor(container.job)
  using stream = attach(join(container.bundle, 'attach'))
  const output = streams(stream)
  await container.runtime('start')
  const megabytes = Buffer.alloc(3_000_000, 'abcdefg')
  await stream.write(megabytes)
  stream.closeStdin()
  const { createHash } = await import('node:crypto')
  t.is((await output).stdout, `${createHash('md5').update(megabytes).digest('hex')}  -\n`)
})

test('output waits for a slow reader and loses nothing', async t => {
  const container = await realContainer(t, { args: shell('seq 1 200000'), job: { log: { driver: 'none' } } })
  await startMonitor(container.job)
  using stream = attach(join(container.bundle, 'attach'))
  let text = ''
  let busy = 0
  let pauses = 0
  const ended = stream.onOutput(async ({ bytes }) => {
    t.is(++busy, 1, 'one piece at a time')
    if (++pauses % 20 === 0) await new Promise(resolve => setTimeout(resolve, 5))
    text += bytes
    busy--
  })
  await container.runtime('start')
  await ended
  t.is(text, `${[...Array(200_000).keys()].map(index => index + 1).join('\n')}\n`)
})

test('a terminal has the size it was given before the start, and the size it is given later', async t => {
  // The monitor sets the size when it comes to it; before, the terminal has none.
  const sizeLike = (start: string) => `until stty size 2>/dev/null | grep ^${start}; do sleep 0.1; done`
  const script = `${sizeLike('33')}; read line; ${sizeLike('50')}`
  const container = await realContainer(t, { args: shell(script), terminal: true })
  await startMonitor(container.job)
  using stream = attach(join(container.bundle, 'attach'))
  await stream.resize({ height: 33, width: 77 })
  let text = ''
  const ended = stream.onOutput(async ({ bytes }) => {
    text += bytes
    if (text !== '33 77\r\n') return
    await stream.resize({ height: 50, width: 9999 })
    await stream.write(Buffer.from('\n'))
  })
  await container.runtime('start')
  await ended
  t.is(text, '33 77\r\n\r\n50 1000\r\n')
})

test('detaching leaves the container running, and one can attach again', async t => {
  const container = await realContainer(t, { args: shell('read line; echo $line; sleep 600'), job: { stdin: true } })
  const { pid } = await started(container)
  const socket = join(container.bundle, 'attach')
  const first = attach(socket)
  await first.write(Buffer.from('one\n'))
  for await (const { bytes } of first) {
    t.is(bytes.toString(), 'one\n')
    break
  }
  t.truthy(identifyProcess(pid))
  t.notThrows(() => attach(socket).close())
})

test('attaching to nothing is an error of ours', t => {
  t.throws(() => attach('/nonexistent/attach'), { code: 'ATTACH_FAILED' })
})

test('the exit command runs after the end', async t => {
  const container = await realContainer(t, { args: ['true'] })
  const mark = join(container.directory, 'mark')
  await started({ ...container, job: { ...container.job, exitCommand: ['/bin/touch', mark] } })
  await waitExit(container.job.exitDir, container.job.containerId)
  await t.notThrowsAsync(async () => {
    for (let tries = 0; tries < 100; tries++) {
      if ((await readFile(mark).catch(() => undefined)) !== undefined) return
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    throw new Error('no mark')
  })
})

test('preserved descriptors reach the process', async t => {
  const { openSync, closeSync } = await import('node:fs')
  const given = join(await tempDir(t, 'given'), 'file')
  await writeFile(given, 'through it\n')
  const fd = openSync(given, 'r')
  const container = await realContainer(t, { args: shell(`cat <&${fd}`) })
  await startMonitor({ ...container.job, preserveFds: [fd] })
  closeSync(fd)
  using stream = attach(join(container.bundle, 'attach'))
  const output = streams(stream)
  await container.runtime('start')
  t.is((await output).stdout, 'through it\n')
})

test('the timeout ends a container', async t => {
  const container = await realContainer(t, { args: ['sleep', '60'], job: { timeout: 1 } })
  const { monitorPid } = await started(container)
  const { code } = await waitExit(container.job.exitDir, container.job.containerId, { monitor: monitorPid })
  t.not(code, 0)
})

test('a log is begun anew at its size limit, and a follower loses no new line', async t => {
  const container = await realContainer(t, {
    args: shell('for i in $(seq 1 300); do echo line $i; done; sleep 0.3; echo last'),
  })
  const path = join(container.bundle, 'ctr.log')
  const job = { ...container.job, log: { driver: 'k8s-file' as const, path, sizeMax: 8192 } }
  const { monitorPid } = await startMonitor(job)
  const ended = waitExit(job.exitDir, job.containerId, { monitor: monitorPid })
  const following = Array.fromAsync(readLogs({ driver: 'k8s-file', path, follow: { ended } }))
  await container.runtime('start')
  const lines = (await following).map(({ message }) => message.toString())
  t.is(lines.at(-1), 'last')
  t.true((await readFile(path)).length <= 8192)
})
