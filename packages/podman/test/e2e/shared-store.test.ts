import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxTar, type Outcome, output, plainEnvironment, run } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCli, openCliWithBusybox, peerGlobals } from './cli.ts'

/** The real podman on the same store, with limits that this process may set. */
async function peer(cli: Cli, ...args: string[]): Promise<Outcome> {
  const config = join(cli.directory, 'containers.conf')
  await writeFile(config, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
  return run('podman', [...peerGlobals(cli), ...args], { env: { ...plainEnvironment, CONTAINERS_CONF: config } })
}

const said = async (outcome: Promise<Outcome>): Promise<string> => {
  const { code, stdout, stderr } = await outcome
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

test('Podman, Buildah and Skopeo use the image that we imported', async t => {
  const cli = await openCliWithBusybox(t, 'ours')
  const id = await cli.ok('inspect', '--format', '{{.Id}}', busybox)
  t.regex(await said(peer(cli, 'images', '--no-trunc')), new RegExp(`localhost/busybox\\s+latest\\s+sha256:${id}`))
  t.is(await said(peer(cli, 'run', '--rm', '--network', 'none', busybox, 'echo', 'theirs')), 'theirs')
  const store = ['--root', cli.root, '--runroot', join(cli.directory, 'run'), '--storage-driver', 'overlay']
  const working = (await output('buildah', [...store, 'from', busybox])).trim()
  t.is((await output('buildah', [...store, 'run', '--isolation', 'chroot', working, 'echo', 'built'])).trim(), 'built')
  await output('buildah', [...store, 'rm', working])
  const inspected = JSON.parse(
    await output('skopeo', [
      'inspect',
      '--config',
      `containers-storage:[overlay@${cli.root}+${join(cli.directory, 'run')}]${busybox}`,
    ]),
  )
  t.deepEqual(inspected.config.Cmd, ['/bin/sh'])
  t.regex(await said(peer(cli, 'rmi', busybox)), new RegExp(id))
  t.is(await cli.ok('images', '-q'), '')
})

test('we use, run and remove the image that Podman imported and Buildah changed', async t => {
  const cli = await openCli(t, 'theirs')
  const tar = await busyboxTar(cli.directory)
  await said(peer(cli, 'import', '--quiet', tar, busybox))
  const store = ['--root', cli.root, '--runroot', join(cli.directory, 'run'), '--storage-driver', 'overlay']
  const working = (await output('buildah', [...store, 'from', busybox])).trim()
  await output('buildah', [
    ...store,
    'run',
    '--isolation',
    'chroot',
    working,
    'sh',
    '-c',
    'echo changed >/changed; rm /etc/os-release',
  ])
  await output('buildah', [...store, 'commit', '--quiet', working, 'localhost/changed'])
  await output('buildah', [...store, 'rm', working])
  t.is(
    await cli.ok(
      'run',
      '--rm',
      '--network',
      'none',
      'localhost/changed',
      'sh',
      '-c',
      'cat /changed; ls /etc/os-release 2>/dev/null || echo gone',
    ),
    'changed\ngone',
  )
  await cli.ok('rmi', 'localhost/changed')
  t.is(await said(peer(cli, 'images', '--format', '{{.Repository}}')), 'localhost/busybox')
  t.is(await said(peer(cli, 'run', '--rm', '--network', 'none', busybox, 'echo', 'still whole')), 'still whole')
})

test('both engines run containers in one store at the same time', async t => {
  const cli = await openCliWithBusybox(t, 'both')
  // Podman looks whether the store's directory is mounted and mounts it over itself without a lock; what another process
  // mounted in between is hidden, its own containers included. Something that is mounted all the time keeps it from that.
  await cli.ok('image', 'mount', busybox)
  const ours = Array.from({ length: 4 }, (_, index) =>
    cli.ok('run', '--rm', '--network', 'none', busybox, 'echo', `ours ${index}`),
  )
  const theirs = Array.from({ length: 4 }, (_, index) =>
    said(peer(cli, 'run', '--rm', '--network', 'none', busybox, 'echo', `theirs ${index}`)),
  )
  t.deepEqual(
    (await Promise.all([...ours, ...theirs])).sort(),
    [0, 1, 2, 3].flatMap(index => [`ours ${index}`, `theirs ${index}`]).sort(),
  )
  await cli.ok('image', 'unmount', busybox)
  t.is(await cli.ok('ps', '-aq'), '')
  t.is(await said(peer(cli, 'ps', '-aq', '--external')), '')
})

test('an image that is in an additional store as well is shown twice, as Podman shows it', async t => {
  const [cli, other] = [await openCliWithBusybox(t, 'two'), await openCli(t, 'additional')]
  const place = (each: Cli) => `containers-storage:[overlay@${each.root}+${join(each.directory, 'run')}]${busybox}`
  await output('skopeo', ['--insecure-policy', 'copy', '--quiet', place(cli), place(other)])
  const globals = ['--storage-driver', 'overlay', '--storage-opt', `additionalimagestore=${other.root}`]
  const args = [...globals, 'images', '--all', '--noheading', '--format', '{{.Repository}}:{{.Tag}} {{.ReadOnly}}']
  const shown = await cli.ok(...args)
  t.is(shown, `${busybox} false\n${busybox} true`)
  t.is(await said(peer(cli, ...args)), shown)
  const [id, ...more] = (await cli.ok(...globals, 'images', '--quiet')).split('\n')
  t.deepEqual(more, [])
  t.is(await cli.ok(...globals, 'rmi', busybox), `Untagged: ${busybox}\nDeleted: ${await fullId(other, id)}`)
  t.is(await cli.ok(...args), `${busybox} true`)
})

const fullId = (cli: Cli, id = '') => cli.ok('--storage-driver', 'overlay', 'inspect', '--format', '{{.Id}}', id)
