import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox } from './cli.ts'

const bare = ['run', '--rm', '--network', 'none']

async function artifact(cli: Cli, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.keys(files).map(file => join(cli.directory, file))
  for (const [file, text] of Object.entries(files)) await writeFile(join(cli.directory, file), text)
  await cli.ok('artifact', 'add', name, ...paths)
}

test('files of artifacts: over a file, into a directory, under another name, one of several; never to be written to', async t => {
  t.timeout(120_000)
  const cli = await openCliWithBusybox(t, 'artifact-mounts')
  await artifact(cli, 'localhost/one', { 'one.txt': 'one' })
  await artifact(cli, 'localhost/two', { 'a.txt': 'a', 'b.txt': 'b' })
  const seen = async (mount: string, script: string): Promise<string> =>
    (await cli.ok(...bare, '--mount', `type=artifact,${mount}`, busybox, 'sh', '-c', script)).replaceAll('\n', ' ')
  t.is(await seen('src=localhost/one,dst=/new', 'cat /new; ! echo x > /new'), 'one')
  t.is(await seen('src=localhost/one,dst=/etc', 'cat /etc/one.txt'), 'one')
  t.is(await seen('src=localhost/one,dst=/etc,name=mine', 'cat /etc/mine'), 'one')
  t.is(await seen('src=localhost/two,dst=/data', 'ls /data; cat /data/*'), 'a.txt b.txt ab')
  t.is(await seen('src=localhost/two,dst=/data,name=n', 'ls /data'), 'n-0 n-1')
  t.is(await seen('src=localhost/two,dst=/data,title=b.txt', 'cat /data'), 'b')
  const { Manifest } = JSON.parse(await cli.ok('artifact', 'inspect', 'localhost/two'))
  t.is(await seen(`src=localhost/two,dst=/data,digest=${Manifest.layers[0].digest}`, 'cat /data'), 'a')
  for (const [mount, message] of [
    ['src=localhost/two,dst=/bin/busybox', /contains more than one blob and container path "\/bin\/busybox" is a file/],
    ['src=localhost/none,dst=/x', /localhost\/none/],
    ['src=localhost/two,dst=/x,title=a.txt,digest=sha256:0', /cannot specify both digest and title/],
    ['dst=/x', /must set source and destination for artifact volume/],
    ['src=localhost/two,dst=/x,rw', /rw: invalid mount option/],
  ] as const)
    t.regex((await cli.run([...bare, '--mount', `type=artifact,${mount}`, busybox, 'true'])).stderr, message)
})

test('files of the engine are in a directory that is a root too', async t => {
  const cli = await openCliWithBusybox(t, 'chrootdirs')
  const script = 'cat /jail/etc/hosts | grep -c own; cmp /etc/hostname /jail/etc/hostname && echo same'
  const options = ['--chrootdirs', '/jail', '--hostname', 'own', '--add-host', 'own:10.0.0.1']
  t.is(await cli.ok('run', '--name', 'jailed', '--network', 'none', ...options, busybox, 'sh', '-c', script), '1\nsame')
  t.is(await cli.ok('inspect', '--format', '{{.Config.ChrootDirs}}', 'jailed'), '[/jail]')
})

test('a size that nothing here can keep is refused before anything is made', async t => {
  const cli = await openCliWithBusybox(t, 'storage-opt')
  const { code, stderr } = await cli.run(['run', '--storage-opt', 'size=10M', busybox, 'true'])
  t.is(code, 125)
  t.regex(stderr, /--storage-opt (is supported only for overlay over xfs with 'pquota' mount option|: project quotas)/)
  t.regex((await cli.run(['run', '--storage-opt', 'size', busybox])).stderr, /must be formatted KEY=VALUE/)
  t.is(await cli.ok('ps', '--all', '--quiet'), '')
})

test('a volume is whose the options say, which are told of as Podman does', async t => {
  const cli = await openCli(t, 'mounts-owner')
  await cli.ok('volume', 'create', '--uid', '7', '--gid', '8', 'flags')
  await cli.ok('volume', 'create', '--opt', 'o=uid=7', 'words')
  const told = (name: string) => cli.ok('volume', 'inspect', '--format', '{{.UID}} {{.GID}} {{.Options}}', name)
  t.deepEqual([await told('flags'), await told('words')], ['7 8 map[]', '7 0 map[UID:7 o:uid=7]'])
})

test('groups of the caller are kept by the runtime that can', async t => {
  const cli = await openCliWithBusybox(t, 'keep-groups')
  await cli.ok('create', '--name', 'kept', '--group-add', 'keep-groups', '--network', 'none', busybox, 'true')
  await cli.ok('init', 'kept')
  const [{ OCIConfigPath, HostConfig }] = JSON.parse(await cli.ok('inspect', 'kept'))
  t.deepEqual(HostConfig.GroupAdd, [])
  const { annotations } = JSON.parse(await readFile(OCIConfigPath, 'utf8'))
  t.is(annotations['run.oci.keep_original_groups'], '1')
  const both = await cli.run(['create', '--group-add', 'keep-groups', '--group-add', '1', busybox])
  t.regex(both.stderr, /is not allowed with any other --group-add options/)
})

test(':U never gives away a directory of the host itself', async t => {
  const cli = await openCliWithBusybox(t, 'mounts-host')
  const before = await stat('/media')
  for (const mount of [
    ['--volume', '/media:/x:U'],
    ['--mount', 'type=bind,src=/media/../media,dst=/x,U'],
  ]) {
    const { code, stderr } = await cli.run(['run', '--rm', '--network', 'none', '--user', '7:8', ...mount, busybox])
    t.is(code, 126)
    t.is(stderr, 'Error: chowning host path "/media" is not allowed. You can manually `chown -R 7:8 /media`\n')
  }
  const after = await stat('/media')
  t.deepEqual([after.uid, after.gid], [before.uid, before.gid])
})

test('--mount type=volume makes the volume with volume-opt', async t => {
  const cli = await openCliWithBusybox(t, 'mounts-volume-opt')
  const mount = 'src=small,dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=1m'
  await cli.ok('create', '--mount', mount, busybox)
  t.is(
    await cli.ok('volume', 'inspect', '--format', '{{.Options.device}} {{.Options.o}} {{.Options.type}}', 'small'),
    'tmpfs size=1m tmpfs',
  )
})
