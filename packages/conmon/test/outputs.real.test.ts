import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { attach, readLogs, readOom, startMonitor, waitExit } from '../src/index.ts'
import { realContainer, started } from './real-container.ts'

const shell = (script: string): string[] => ['sh', '-c', script]

test('a container that is passed through has the streams of whoever started it', async t => {
  const container = await realContainer(t, {
    args: shell('cat; echo out; echo err >&2'),
    job: { log: { driver: 'passthrough' } },
  })
  const starter = fork(join(import.meta.dirname, 'fixtures/start-job.ts'), [JSON.stringify(container.job)], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    starter[name]?.on('data', piece => {
      text[name] += piece
    })
  await once(starter, 'message')
  await container.runtime('start')
  starter.stdin?.end('given\n')
  const ends = [starter.stdout, starter.stderr].map(stream => stream && once(stream, 'end'))
  await waitExit(container.job.exitDir, container.job.containerId)
  starter.disconnect()
  await Promise.all(ends)
  t.deepEqual(text, { stdout: 'given\nout\n', stderr: 'err\n' })
})

test('a line of 64 MB comes through the log as it was', async t => {
  const size = 64 << 20
  const container = await realContainer(t, { args: shell(`head -c ${size} /dev/zero | tr '\\0' x; echo; echo end`) })
  const { monitorPid } = await started(container)
  await waitExit(container.job.exitDir, container.job.containerId, { monitor: monitorPid })
  const hash = createHash('sha256')
  let last = ''
  for await (const { message, partial } of readLogs({ driver: 'k8s-file', path: join(container.bundle, 'ctr.log') })) {
    hash.update(message)
    if (!partial) hash.update('\n')
    last = message.length < 10 ? message.toString() : last
  }
  t.is(last, 'end')
  const expected = createHash('sha256').update(Buffer.alloc(size, 'x')).update('\nend\n')
  t.is(hash.digest('hex'), expected.digest('hex'))
})

test('several who attach get everything', async t => {
  // Whoever is told of has been attached: conmon takes them one by one.
  const script = 'for one in 1 2 3; do read line; done; seq 1 20000'
  const container = await realContainer(t, { args: shell(script), job: { stdin: true } })
  await startMonitor(container.job)
  await container.runtime('start')
  const socket = join(container.bundle, 'attach')
  const texts = [1, 2, 3].map(async () => {
    using stream = attach(socket)
    await stream.write(Buffer.from('here\n'))
    return (await Array.fromAsync(stream, ({ bytes }) => bytes.toString('latin1'))).join('')
  })
  const [first = '', ...others] = await Promise.all(texts)
  t.is(first.split('\n').length, 20_001)
  for (const other of others) t.is(other, first)
})

test('a container that is killed for want of memory leaves word of it', async t => {
  const memory = { limit: 16 << 20, swap: 16 << 20 }
  const container = await realContainer(t, { args: shell('tail /dev/zero'), resources: { memory } })
  const { monitorPid } = await started(container)
  const { code } = await waitExit(container.job.exitDir, container.job.containerId, { monitor: monitorPid })
  t.is(code, 137)
  t.true(readOom(container.bundle, container.job.persistDir as string))
})
