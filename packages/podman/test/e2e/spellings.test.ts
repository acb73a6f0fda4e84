import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { plainEnvironment } from '@libpod/test-kit'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('ps --namespace is its --ns, though every command has a flag of that name', async t => {
  const cli = await openCliWithBusybox(t, 'ps-namespace')
  await cli.ok('create', '--name', 'one', busybox)
  t.regex(await cli.ok('ps', '--all', '--namespace'), /^CONTAINER ID +NAMES +PID +CGROUPNS/)
  t.regex(await cli.ok('pod', 'ps', '--namespace'), /NAMESPACES/)
})

test('a state or policy that there is not is refused, also when there is no container to filter', async t => {
  const cli = await openCliWithBusybox(t, 'ps-states')
  for (const [filter, message] of [
    ['status=foo', 'unknown container state: foo: invalid argument'],
    ['restart-policy=foo', 'foo invalid restart policy'],
  ] as const) {
    const { code, stderr } = await cli.run(['ps', '--filter', filter])
    t.deepEqual([code, stderr], [125, `Error: ${message}\n`])
  }
  await cli.ok('create', '--name', 'one', busybox)
  t.is(await cli.ok('ps', '--all', '--filter', 'status=configured', '--format', '{{.Names}}'), 'one')
})

test('start --interactive without --attach does not wait', async t => {
  const cli = await openCliWithBusybox(t, 'start-interactive')
  for (const name of ['one', 'two'])
    await cli.ok('create', '--name', name, '--network', 'none', busybox, 'sleep', '1000')
  t.deepEqual((await cli.ok('start', '--interactive', 'one', 'two')).split('\n').sort(), ['one', 'two'])
})

test('descriptors: those that were passed get into the container, the interpreter’s own never', async t => {
  const cli = await openCliWithBusybox(t, 'descriptors')
  const words = (number: number, option: string) =>
    `Error: file descriptor ${number} is not available - the ${option} option requires that file descriptors must be passed\n`
  await cli.ok('run', '--detach', '--name', 'up', '--network', 'none', busybox, 'sleep', '1000')
  for (const command of [
    ['exec', '--preserve-fds', '1', 'up'],
    ['run', '--preserve-fds', '1', busybox],
  ]) {
    const { code, stderr } = await cli.run([...command, 'true'])
    t.deepEqual([code, stderr], [125, words(3, 'preserve-fds')])
  }
  t.is((await cli.run(['exec', '--preserve-fd', '99', 'up', 'true'])).stderr, words(99, 'preserve-fd'))
  const [program = '', ...globals] = cli.argv
  const child = spawn(program, [...globals, 'exec', '--preserve-fds', '1', 'up', 'cat', '/dev/fd/3'], {
    env: plainEnvironment,
    stdio: ['ignore', 'pipe', 'inherit', openSync(join(cli.directory, 'busybox.tar'), 'r')],
  })
  t.true((await text(child.stdout ?? Readable.from([]))).includes('ustar'))
})

test('what changes nothing is taken: a name that it has, a working directory that is empty, details of logs', async t => {
  const cli = await openCliWithBusybox(t, 'spellings-nothing')
  await cli.ok('run', '--detach', '--name', 'one', '--network', 'none', busybox, 'sh', '-c', 'echo said; sleep 1000')
  await cli.ok('rename', 'one', 'one')
  t.is(await cli.ok('exec', '--workdir', '', 'one', 'pwd'), '/')
  await cli.ok('logs', '--details', 'one')
  const gone = ['rm', '--force', '--cidfile', join(cli.directory, 'gone')]
  t.is((await cli.run(gone)).code, 125, '--force does not stand for --ignore')
  t.is((await cli.run([...gone, '--ignore'])).code, 0)
})
