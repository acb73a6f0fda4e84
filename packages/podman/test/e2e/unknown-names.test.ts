import { freePort } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

const states = (cli: Cli): Promise<string> =>
  cli.ok('ps', '--all', '--sort', 'names', '--format', '{{.Names}} {{.State}}')

test('one unknown name among several: nothing is done to any container', async t => {
  const cli = await openCliWithBusybox(t, 'unknown-containers')
  await cli.ok('create', '--name', 'made', '--network', 'none', busybox, 'true')
  await cli.ok('run', '--detach', '--name', 'runs', '--network', 'none', busybox, 'sleep', '1000')
  const before = await states(cli)
  t.is(before, 'made created\nruns running')
  const unknown = 'Error: no container with name or ID "nope" found: no such container\n'
  for (const verb of ['stop', 'kill', 'pause', 'unpause', 'restart', 'wait'])
    t.like(await cli.run([verb, 'runs', 'nope']), { code: 125, stdout: '', stderr: unknown }, verb)
  for (const verb of ['start', 'init'])
    t.like(await cli.run([verb, 'made', 'nope']), { code: 125, stdout: '', stderr: unknown }, verb)
  const removed = 'Error: no container with ID or name "nope" found: no such container\n'
  t.like(await cli.run(['rm', 'made', 'nope']), { code: 1, stdout: '', stderr: removed })
  t.like(await cli.run(['rm', 'nope', 'runs']), { code: 1, stdout: '', stderr: removed })
  t.is(await states(cli), before)
  t.like(await cli.run(['stop', '--time', '0', '--ignore', 'runs', 'nope']), { code: 0, stdout: 'runs\n', stderr: '' })
  t.like(await cli.run(['rm', '--ignore', 'made', 'nope']), { code: 0, stdout: 'made\n', stderr: '' })
  t.like(await cli.run(['rm', '--force', 'nope', 'runs']), { code: 0, stdout: 'runs\n', stderr: '' })
  t.like(await cli.run(['container', 'cleanup', 'nope']), { code: 0, stdout: '', stderr: '' }, 'what it was is gone')
  t.like(await cli.run(['rm', '--latest']), { code: 1, stderr: 'Error: no such container\n' })
})

test('one unknown name among several: nothing is done to any pod', async t => {
  const cli = await openCliWithBusybox(t, 'unknown-pods')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'one')
  await cli.ok('run', '--detach', '--pod', 'one', '--name', 'member', '--network', 'none', busybox, 'sleep', '1000')
  const unknown = 'Error: no pod with name or ID nope found: no such pod\n'
  for (const verb of ['stop', 'kill', 'pause', 'unpause', 'restart', 'start'])
    t.like(await cli.run(['pod', verb, 'one', 'nope']), { code: 125, stdout: '', stderr: unknown }, verb)
  t.like(await cli.run(['pod', 'rm', 'one', 'nope']), { code: 1, stdout: '', stderr: unknown })
  t.is(await states(cli), 'member running')
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'nope', 'one')
  t.like(await cli.run(['pod', 'rm', '--latest']), { code: 1, stderr: 'Error: no such pod\n' })
})

test('of several that cannot be removed the status is that of one in use', async t => {
  const cli = await openCliWithBusybox(t, 'unknown-volumes')
  await cli.ok('volume', 'create', 'used')
  await cli.ok('create', '--volume', 'used:/v', busybox)
  for (const names of [
    ['used', 'nope'],
    ['nope', 'used'],
  ])
    t.is((await cli.run(['volume', 'rm', ...names])).code, 2, names.join(' '))
  t.is((await cli.run(['volume', 'rm', 'nope'])).code, 1)
})

test('port: nothing is published before a container runs, nor of one that publishes nothing', async t => {
  const cli = await openCliWithBusybox(t, 'unpublished')
  const port = await freePort()
  await cli.ok('create', '--name', 'made', '--publish', `127.0.0.1:${port}:80`, busybox, 'sleep', '1000')
  await cli.ok('run', '--detach', '--name', 'silent', '--network', 'none', busybox, 'sleep', '1000')
  for (const args of [['made'], ['made', '80'], ['made', '81/udp'], ['silent'], ['silent', '80']])
    t.like(await cli.run(['port', ...args]), { code: 0, stdout: '', stderr: '' }, args.join(' '))
  await cli.ok('start', 'made')
  t.is(await cli.ok('port', 'made', '80'), `127.0.0.1:${port}`)
  for (const other of ['81', '81/tcp', '80/udp']) {
    const stderr = `Error: failed to find published port "${other}"\n`
    t.like(await cli.run(['port', 'made', other]), { code: 125, stderr }, other)
  }
  t.regex((await cli.run(['port', 'made', '8/0/tcp'])).stderr, /port formats are port\/protocol/)
  await cli.ok('stop', '--time', '0', 'made')
  t.is(await cli.ok('port', 'made'), '')
})

test('detach keys are looked at without a terminal too; each command has its own status for wrong ones', async t => {
  const cli = await openCliWithBusybox(t, 'detach-keys')
  await cli.ok('run', '--detach', '--name', 'runs', '--network', 'none', busybox, 'sleep', '1000')
  await cli.ok('create', '--name', 'made', '--network', 'none', busybox, 'echo', 'ran')
  const wrong = ['--detach-keys', 'ctrl-p,bogus']
  const refused = (code: number) => ({
    code,
    stdout: '',
    stderr: "Error: invalid detach keys: Unknown character: 'bogus'\n",
  })
  t.like(await cli.run(['exec', ...wrong, 'runs', 'echo', 'ran']), refused(255))
  t.like(await cli.run(['run', '--rm', '--network', 'none', ...wrong, busybox, 'echo', 'ran']), refused(126))
  t.like(await cli.run(['start', '--attach', ...wrong, 'made']), refused(125))
  t.like(await cli.run(['attach', ...wrong, 'runs']), refused(125))
  t.is(await states(cli), 'made created\nruns running')
  t.like(await cli.run(['exec', '--detach-keys', '', 'runs', 'echo', 'ran']), { code: 0, stdout: 'ran\n' })
  t.is((await cli.run(['exec', '--detach', ...wrong, 'runs', 'true'])).code, 0, 'nobody detaches')
  const run = ['run', '--detach', '--network', 'none']
  t.is((await cli.run([...run, ...wrong, '--attach', 'stdin', '--name', 'apart', busybox, 'true'])).code, 0)
  t.like(await cli.run(['run', '--attach', '', busybox, 'true']), { code: 126, stdout: '' })
})

test('a filter that is no expression matches nothing', async t => {
  const cli = await openCliWithBusybox(t, 'no-expression')
  await cli.ok('create', '--name', 'made', busybox)
  for (const list of [
    ['ps', '--all'],
    ['pod', 'ps'],
    ['volume', 'ls'],
  ])
    t.like(await cli.run([...list, '--quiet', '--filter', 'name=[']), { code: 0, stdout: '' }, list.join(' '))
  t.like(await cli.run(['rm', '--filter', 'name=[']), { code: 0, stdout: '' })
})
