import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { attach, readExit, resizeTerminal, startExec, waitExit } from '../src/index.ts'
import { realContainer, started } from './real-container.ts'

const sleeper = { args: ['sleep', '600'] }
const shell = (script: string): string[] => ['sh', '-c', script]

test('a command is attached to before it runs, and its exit status is told', async t => {
  const container = await realContainer(t, sleeper)
  await started(container)
  using session = await startExec(await container.exec(shell('echo out; echo err >&2; exit 3')))
  const text: string[] = []
  const ended = attach(session.attachPath).onOutput(({ stream, bytes }) => void text.push(`${stream} ${bytes}`))
  const { pid } = await session.go()
  t.true(pid > 0)
  await ended
  t.is(await session.exit(), 3)
  t.deepEqual(text.sort(), ['stderr err\n', 'stdout out\n'])
})

/** The monitor sets the size when it comes to it; before, the terminal has none. */
const sized = 'until stty size 2>/dev/null; do sleep 0.1; done'

test('input and a terminal for a command', async t => {
  const container = await realContainer(t, sleeper)
  await started(container)
  const job = await container.exec(shell(`read word; ${sized}; echo got $word`), { terminal: true })
  using session = await startExec(job)
  using stream = attach(session.attachPath)
  let text = ''
  const ended = stream.onOutput(({ bytes }) => {
    text += bytes
  })
  await session.go()
  await resizeTerminal(job.bundle, { height: 20, width: 60 })
  await stream.write(Buffer.from('this\n'))
  await ended
  t.is(text, 'this\r\n20 60\r\ngot this\r\n')
  t.is(await session.exit(), 0)
})

test('a command that is let go ends by itself and leaves its status in the exit file', async t => {
  const container = await realContainer(t, sleeper)
  await started(container)
  const job = await container.exec(shell('until [ -e /go ]; do sleep 0.1; done; exit 4'))
  const session = await startExec(job)
  await session.go()
  const { monitorPid } = session
  session[Symbol.dispose]()
  t.is(readExit(job.exitDir, job.containerId), undefined)
  await writeFile(join(container.bundle, 'rootfs', 'go'), '')
  t.is((await waitExit(job.exitDir, job.containerId, { monitor: monitorPid })).code, 4)
})

test('a command that is not there, and one that may not be run, in the words of the runtime', async t => {
  const container = await realContainer(t, sleeper)
  await started(container)
  const failure = async (...args: readonly string[]) => {
    using session = await startExec(await container.exec(args))
    return await t.throwsAsync(session.go())
  }
  t.like(await failure('nope'), { code: 'EXECUTABLE_NOT_FOUND' })
  t.like(await failure('/etc/passwd'), { code: 'EXECUTABLE_NOT_PERMITTED' })
  t.regex((await failure('nope'))?.message ?? '', /^runc: .*nope/)
})

test('many commands at once', async t => {
  const container = await realContainer(t, sleeper)
  await started(container)
  const statuses = await Promise.all(
    [...Array(8).keys()].map(async number => {
      using session = await startExec(await container.exec(shell(`exit ${number}`)))
      await session.go()
      return await session.exit()
    }),
  )
  t.deepEqual(statuses, [...Array(8).keys()])
})
