import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plainEnvironment, startRegistry } from '@libpod/test-kit'
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

/** The monitor sets the size when it comes to it; before, the terminal has none. */
const tellSize = 'until size=$(stty size 2>/dev/null); [ "$size" ]; do sleep 0.1; done; echo "$size"'

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
      `tty; ${tellSize}; read line; echo "got $line"; exit 5`,
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
  const { code, screen } = await inTerminal(cli, ['exec', '-it', 'box', 'sh', '-c', `${tellSize}; exit 4`], [])
  t.regex(screen, /30 100/)
  t.is(code, 4)
})

test('what --creds is given without is asked for, the password unseen; without a terminal it is an error', async t => {
  const cli = await openCliWithBusybox(t, 'creds')
  const registry = await startRegistry(t, { account: { username: 'joe', password: 'secret' } })
  const push = (creds: string) => ['push', '--tls-verify=false', '--creds', creds, busybox, `${registry.host}/asked:1`]
  const password = { when: /Password: /, type: 'secret\r' }
  for (const [creds, dialogue] of [
    ['joe', [password]],
    [':', [{ when: /Username: /, type: 'joe\r' }, password]],
    [':secret', [{ when: /Username: /, type: 'joe\r' }]],
  ] as const) {
    const { code, screen } = await inTerminal(cli, push(creds), dialogue)
    t.is(code, 0, screen)
    t.false(screen.includes('secret'))
  }
  const wrong = await inTerminal(cli, push('joe:'), [{ ...password, type: 'wrong\r' }])
  t.is(wrong.code, 125)
  t.regex(wrong.screen, /authentication required/)
  const { code, stdout, stderr } = await cli.run(push('joe'))
  t.deepEqual([code, stdout], [125, ''])
  t.regex(stderr, /Password: cannot be asked for: standard input is no terminal/)
})

test('login asks for name and password; who gives up there is logged in nowhere', async t => {
  const cli = await openCliWithBusybox(t, 'login')
  const registry = await startRegistry(t, { account: { username: 'joe', password: 'secret' } })
  const authFile = join(cli.directory, 'auth.json')
  const login = ['login', '--tls-verify=false', '--authfile', authFile, registry.host]
  const name = { when: /Username: /, type: 'joe\r' }
  for (const key of ['\x03', '\x04']) {
    const { code, screen } = await inTerminal(cli, login, [name, { when: /Password: /, type: key }])
    t.is(code, 125)
    t.regex(screen, /nothing was typed/)
    t.false(existsSync(authFile))
  }
  const { code, screen } = await inTerminal(cli, login, [name, { when: /Password: /, type: 'wrong\x7f\x15secret\r' }])
  t.is(code, 0, screen)
  t.regex(screen, /Login Succeeded!/)
  t.is(await cli.ok('login', '--get-login', '--authfile', authFile, registry.host), 'joe')
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
