import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxTar, run } from '@libpod/test-kit'
import test from 'ava'
import { busybox, fetchWord, openRootless, type RootlessCli, serving } from './rootless.ts'

const peer = ['podman', '--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file']
const settings = ['--change', 'ENV PATH=/bin', '--change', 'CMD ["/bin/sh"]']
const alone = ['--network', 'none']

/** Podman 4.3 takes vfs where nobody says otherwise. */
async function chooseOverlay({ user }: RootlessCli): Promise<void> {
  const directory = join(user.home, '.config/containers')
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'storage.conf'), '[storage]\ndriver = "overlay"\n')
  await run('chown', ['-R', String(user.uid), join(user.home, '.config')])
}

test('a plain user’s images are Podman’s and the other way round; containers are seen as another tool’s', async t => {
  const cli = await openRootless(t)
  await chooseOverlay(cli)
  const { ok, user } = cli
  const podman = (...args: readonly string[]) => cli.okOf([...peer, ...args])
  const tar = await busyboxTar(user.directory)
  await ok('import', '--quiet', ...settings, tar, busybox)
  await podman('import', '--quiet', ...settings, tar, 'localhost/theirs')
  const where = ['info', '--format', '{{.Store.GraphRoot}} {{.Store.RunRoot}} {{.Store.GraphDriverName}}']
  t.is(await ok(...where), await podman(...where))
  const list = ['images', '--noheading', '--sort', 'repository', '--format', '{{.Repository}} {{.ID}}']
  t.is(await ok(...list), await podman(...list))
  t.is(await podman('run', '--rm', ...alone, busybox, 'id', '-u'), '0')
  t.is(await ok('run', '--rm', ...alone, 'localhost/theirs', 'id', '-u'), '0')
  await ok('run', '--detach', '--name', 'ours', ...alone, busybox, 'sleep', '1000')
  await podman('run', '--detach', '--name', 'theirs', ...alone, 'localhost/theirs', 'sleep', '1000')
  const external = ['ps', '--all', '--external', '--noheading', '--sort', 'names', '--format', '{{.Names}} {{.Status}}']
  t.regex(await ok(...external), /^ours Up .*\ntheirs Storage$/)
  t.regex(await podman(...external), /^ours Storage\ntheirs Up /)
  t.regex((await cli.run('rmi', 'localhost/theirs')).stderr, /used by|in use/)
  t.regex((await user.run([...peer, 'rmi', busybox])).stderr, /used by|in use/)
  await Promise.all([ok('rm', '--force', '--time', '0', 'ours'), podman('rm', '--force', '--time', '0', 'theirs')])
  await ok('rmi', 'localhost/theirs')
  await podman('rmi', busybox)
  t.is(await ok('images', '--quiet'), '')
  const left = (await cli.okOf(['ps', '-u', 'tester', '-o', 'comm='])).split('\n')
  t.deepEqual(
    [...new Set(left)].sort().filter(name => name !== 'ps' && name !== 'sh'),
    ['catatonit'],
  )
})

test('a container’s change is the same to both: diff, commit, and what a mount shows', async t => {
  const cli = await openRootless(t)
  await chooseOverlay(cli)
  const podman = (...args: readonly string[]) => cli.okOf([...peer, ...args])
  const tar = await busyboxTar(cli.user.directory)
  await podman('import', '--quiet', ...settings, tar, busybox)
  const change = 'echo new > /new; rm /etc/os-release; mkdir -p /deep/er; chown 1000:1000 /deep/er'
  await cli.ok('run', '--name', 'changed', ...alone, busybox, 'sh', '-c', change)
  await cli.ok('commit', '--quiet', 'changed', 'localhost/changed')
  const look = ['sh', '-c', 'cat /new; ls /etc; ls -nd /deep/er']
  const seen = await podman('run', '--rm', ...alone, 'localhost/changed', ...look)
  t.regex(seen, /^new\n/)
  t.notRegex(seen, /os-release/)
  t.regex(seen, / 1000 +1000 /)
  t.is(await cli.ok('run', '--rm', ...alone, 'localhost/changed', ...look), seen)
  const archive = join(cli.user.home, 'theirs.tar')
  await podman('save', '--quiet', '--output', archive, 'localhost/changed')
  await cli.ok('rm', 'changed')
  await cli.ok('rmi', 'localhost/changed')
  await cli.ok('load', '--quiet', '--input', archive)
  t.is(await cli.ok('run', '--rm', ...alone, 'localhost/changed', ...look), seen)
})

test('the driver of a store that Podman began is ours too', async t => {
  const cli = await openRootless(t)
  const tar = await busyboxTar(cli.user.directory)
  await cli.okOf([...peer, 'import', '--quiet', ...settings, tar, busybox])
  const driver = ['info', '--format', '{{.Store.GraphDriverName}}']
  t.is(await cli.ok(...driver), await cli.okOf([...peer, ...driver]))
  t.is(await cli.ok('run', '--rm', ...alone, busybox, 'id', '-u'), '0')
})

test('bridges: a user’s networks are those of both, each has containers on them, and neither takes the other’s away', async t => {
  const cli = await openRootless(t)
  await chooseOverlay(cli)
  const podman = (...args: readonly string[]) => cli.okOf([...peer, ...args])
  const tar = await busyboxTar(cli.user.directory)
  await cli.ok('import', '--quiet', ...settings, tar, busybox)
  await cli.ok('network', 'create', 'ours')
  await podman('network', 'create', 'theirs')
  const list = ['network', 'ls', '--format', '{{.Name}} {{.ID}}']
  t.is(await cli.ok(...list), await podman(...list))
  const web = ['run', '--detach', '--name', 'web', '--stop-timeout', '0', '--network']
  await podman(...web, 'ours', '--publish', '18240:80', ...serving('peer'))
  await cli.ok(...web.with(3, 'site'), 'theirs', '--publish', '18241:80', ...serving('own'))
  t.is(await fetchWord(cli, '127.0.0.1:18240'), 'peer')
  t.is(await fetchWord(cli, '127.0.0.1:18241'), 'own')
  const ask = (network: string, name: string) => [
    'run',
    '--rm',
    '--network',
    network,
    busybox,
    'wget',
    '-qO-',
    `http://${name}/word`,
  ]
  t.is(await podman(...ask('ours', 'web')), 'peer')
  t.is(await cli.ok(...ask('theirs', 'site')), 'own')
  await cli.ok('rm', '--force', '--time', '0', 'site')
  t.is(await fetchWord(cli, '127.0.0.1:18240'), 'peer')
  await cli.ok('run', '--rm', '--network', 'ours', busybox, 'true')
  await podman('rm', '--force', '--time', '0', 'web')
  await cli.ok('run', '--rm', '--network', 'ours', busybox, 'true')
})
