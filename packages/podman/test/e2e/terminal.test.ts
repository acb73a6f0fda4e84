import { spawn } from 'node:child_process'
import { plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** Runs a command in a pseudo-terminal of 30 rows and 100 columns; `type` is written when `when` was seen. */
function inTerminal(
  cli: Cli,
  args: readonly string[],
  dialogue: readonly { readonly when: RegExp; readonly type: string }[],
): Promise<{ code: number | null; screen: string }> {
  const command = `stty rows 30 cols 100; exec ${[...cli.argv, ...args].map(word => `'${word}'`).join(' ')}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...plainEnvironment, SHELL: '/bin/sh', TERM: 'xterm' },
  })
  const steps = [...dialogue]
  let screen = ''
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', text => {
    screen += text
    const step = steps[0]
    if (!step?.when.test(screen.slice(seen))) return
    seen = screen.length
    steps.shift()
    child.stdin.write(step.type)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, screen })
    })
  })
}

test('run -it has a terminal of the size of ours, echoes, and gives the exit code', async t => {
  const cli = await openCliWithBusybox(t, 'tty')
  const { code, screen } = await inTerminal(
    cli,
    [
      'run',
      '-it',
      '--rm',
      '--network',
      'none',
      busybox,
      'sh',
      '-c',
      // The monitor sets the size when it comes to it; before, the terminal has none.
      'tty; until size=$(stty size); [ "$size" ]; do sleep 0.1; done; echo "$size"; read line; echo "got $line"; exit 5',
    ],
    [{ when: /30 100/, type: 'typed\r' }],
  )
  t.regex(screen, /\/dev\/pts\/0\r\n30 100\r\n/)
  t.regex(screen, /got typed\r\n/)
  t.is(code, 5)
})

test('Ctrl-C reaches the process in the terminal', async t => {
  const cli = await openCliWithBusybox(t, 'ctrl-c')
  const { code, screen } = await inTerminal(
    cli,
    [
      'run',
      '-it',
      '--rm',
      '--network',
      'none',
      busybox,
      'sh',
      '-c',
      'trap "echo interrupted; exit 7" INT; echo waiting; while :; do sleep 0.1; done',
    ],
    [{ when: /waiting/, type: '\x03' }],
  )
  t.regex(screen, /interrupted/)
  t.is(code, 7)
})

test('the detach keys leave the container running', async t => {
  const cli = await openCliWithBusybox(t, 'detach')
  const { code } = await inTerminal(
    cli,
    ['run', '-it', '--name', 'left', '--network', 'none', busybox, 'sh', '-c', 'echo waiting; sleep 60'],
    [{ when: /waiting/, type: '\x10\x11' }],
  )
  t.is(code, 0)
  t.is(await cli.ok('ps', '--format', '{{.Names}} {{.State}}'), 'left running')
  await cli.ok('rm', '-f', '-t', '0', 'left')
})

test('exec -it has a terminal too', async t => {
  const cli = await openCliWithBusybox(t, 'exec-tty')
  await cli.ok('run', '-d', '--name', 'box', '--network', 'none', busybox, 'sleep', '60')
  const { code, screen } = await inTerminal(cli, ['exec', '-it', 'box', 'sh', '-c', 'stty size; exit 4'], [])
  t.regex(screen, /30 100/)
  t.is(code, 4)
})

test('SIGINT and SIGTERM to the command reach a container without a terminal', async t => {
  const cli = await openCliWithBusybox(t, 'signals')
  const [program = '', ...rest] = cli.argv
  const child = spawn(
    program,
    [
      ...rest,
      'run',
      '--rm',
      '--network',
      'none',
      busybox,
      'sh',
      '-c',
      'trap "echo caught; exit 9" TERM; echo waiting; while :; do sleep 0.1; done',
    ],
    { env: plainEnvironment },
  )
  let output = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text
    if (output === 'waiting\n') child.kill('SIGTERM')
  })
  const code = await new Promise(resolve => child.on('close', resolve))
  t.deepEqual([output, code], ['waiting\ncaught\n', 9])
})
