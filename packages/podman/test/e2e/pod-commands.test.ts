import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { busybox, openCliWithBusybox } from './cli.ts'

test('pod create: a name that is empty is none; ports need a network of the pod’s own; lines of label files need a value', async t => {
  const cli = await openCliWithBusybox(t, 'pod-create')
  const file = join(cli.directory, 'labels')
  await writeFile(file, 'lonely\na=b\n# c=d\n')
  const id = await cli.ok('pod', 'create', '--infra=false', '--name', '', '--label-file', file)
  t.is(await cli.ok('pod', 'inspect', '--format', '{{.Labels}}', id), 'map[a:b]')
  const container = await cli.ok('create', '--label-file', file, busybox)
  t.is(await cli.ok('inspect', '--format', '{{.Config.Labels}}', container), 'map[a:b]')
  for (const mode of ['none', 'host'])
    t.like(await cli.run(['pod', 'create', '--network', mode, '--publish', '80:80']), {
      code: 125,
      stderr: 'Error: PortMappings can only be used with Bridge, slirp4netns, or pasta networking\n',
    })
  t.is(await cli.ok('pod', 'ps', '--quiet', '--no-trunc'), id)
  t.is((await cli.run(['pod', 'create', '--label-file', join(cli.directory, 'gone')])).code, 125)
})

test('pod ps: words that mean nothing are refused', async t => {
  const cli = await openCliWithBusybox(t, 'pod-ps-words')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'one')
  for (const [options, message] of [
    [['--filter', 'status=bogus'], 'bogus is not a valid pod status'],
    [['--filter', 'status=CREATED'], 'CREATED is not a valid pod status'],
    [['--filter', 'ctr-status=bogus'], 'bogus is not a valid status'],
    [['--quiet', '--format', '{{.Id}}'], 'quiet and format cannot be used together'],
  ] as const)
    t.like(await cli.run(['pod', 'ps', ...options]), { code: 125, stdout: '', stderr: `Error: ${message}\n` })
  t.is(
    await cli
      .ok('pod', 'ps', '--filter', 'status=created', '--format', 'table {{.Id}}', '--noheading')
      .then(text => text.length),
    12,
  )
  t.regex(await cli.ok('pod', 'ps', '--format', 'table {{.Id}} {{.Name}}'), /^POD ID +NAME\n/)
})

test('pod start and stop tell names, unpause --all those that were paused; top of a pod at rest shows nothing', async t => {
  const cli = await openCliWithBusybox(t, 'pod-told')
  const id = await cli.ok('pod', 'create', '--infra=false', '--name', 'one')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'two')
  t.is(await cli.ok('pod', 'top', 'one'), '')
  await cli.ok('create', '--pod', 'one', '--name', 'member', '--network', 'none', busybox, 'sleep', '1000')
  t.is(await cli.ok('pod', 'start', id), 'one')
  await cli.ok('pod', 'pause', 'one')
  t.is(await cli.ok('pod', 'unpause', '--all'), id)
  const late = ['create', '--pod', 'one', '--init-ctr', 'once', '--network', 'none', busybox, 'true']
  t.like(await cli.run(late), { code: 125, stderr: 'Error: cannot add init-ctr to a running pod\n' })
  t.is(await cli.ok('pod', 'stop', '--time', '0', id), 'one')
  t.is((await cli.run(late)).code, 0)
  const running = await cli.run(['run', '--pod', 'one', '--init-ctr', 'once', busybox, 'true'])
  t.deepEqual([running.code, running.stderr.split('\n')[0]], [125, 'Error: unknown flag: --init-ctr'])
  const timed = await cli.run(['pod', 'rm', '--time', '0', 'one'])
  t.deepEqual([timed.code, timed.stderr], [125, 'Error: --force option must be specified to use the --time option\n'])
  await cli.ok('pod', 'rm', '--force', '--time', '0', 'one', 'two')
})

test('volume ls shows its heads when there is none', async t => {
  const cli = await openCliWithBusybox(t, 'volume-heads')
  t.regex(await cli.ok('volume', 'ls'), /^DRIVER +VOLUME NAME$/)
  t.is(await cli.ok('volume', 'ls', '--noheading'), '')
  t.is(await cli.ok('volume', 'ls', '--format', '{{.Name}}'), '')
  t.is((await cli.run(['volume', 'ls', '--quiet', '--format', '{{.Name}}'])).code, 125)
})
