import { spawn } from 'node:child_process'
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import {
  busyboxTar,
  type FixtureName,
  hostCanary,
  mountsBelow,
  output,
  peerPodman,
  processesAbout,
  removeDirectory,
  run,
  startRegistry,
  tempDir,
} from '../src/index.ts'

test('a directory goes with its mounts and processes', async t => {
  const directory = await tempDir(t)
  await mkdir(join(directory, 'm'))
  await output('mount', ['-t', 'tmpfs', 'none', join(directory, 'm')])
  t.deepEqual(await mountsBelow(directory), [join(directory, 'm')])
  const child = spawn('sh', ['-c', 'read line', directory])
  const ended = new Promise(resolve => child.once('exit', (_, signal) => resolve(signal)))
  let about: readonly number[] = []
  while (about.length === 0) about = await processesAbout(directory)
  t.deepEqual(about, [child.pid])
  await removeDirectory(directory)
  t.is(await ended, 'SIGKILL')
  t.deepEqual(await mountsBelow(directory), [])
  await t.throwsAsync(access(directory), { code: 'ENOENT' })
})

test('a canary notices every harm', async t => {
  const directory = await tempDir(t)
  const canary = await hostCanary(directory)
  t.true(await canary.isUnharmed())
  await chmod(canary.path, 0o600)
  t.false(await canary.isUnharmed())
  const other = await hostCanary(directory, 'other')
  await writeFile(other.path, 'dead\n')
  t.false(await other.isUnharmed())
})

test('the fixtures are of the kinds they claim, and a blob can be spoilt', async t => {
  const registry = await startRegistry(t)
  const raw = async (name: FixtureName) =>
    JSON.parse(
      await output('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${await registry.fixture(name)}`]),
    )
  const layerTypes = async (name: FixtureName): Promise<string[]> =>
    (await raw(name)).layers.map((layer: { mediaType: string }) => layer.mediaType)
  const twice = (type: string): string[] => [type, type]
  t.is((await raw('v2s2-gzip')).mediaType, 'application/vnd.docker.distribution.manifest.v2+json')
  t.deepEqual(await layerTypes('oci-gzip'), twice('application/vnd.oci.image.layer.v1.tar+gzip'))
  t.deepEqual(await layerTypes('oci-zstd'), twice('application/vnd.oci.image.layer.v1.tar+zstd'))
  t.deepEqual(await layerTypes('oci-plain'), twice('application/vnd.oci.image.layer.v1.tar'))
  const platforms = (await raw('index')).manifests.map(
    (one: { platform: { architecture: string } }) => one.platform.architecture,
  )
  t.deepEqual(platforms, ['amd64', 'arm64'])
  const pull = async () =>
    run('skopeo', [
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      `docker://${await registry.fixture('oci-plain')}`,
      `dir:${await tempDir(t)}`,
    ])
  t.is((await pull()).code, 0)
  await registry.corruptLargestBlob()
  t.not((await pull()).code, 0)
})

test('a registry with an account and a certificate', async t => {
  const registry = await startRegistry(t, { scheme: 'https', account: { username: 'me', password: 'secret' } })
  const ask = [
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--cacert',
    registry.certificate ?? '',
    `${registry.url}/v2/`,
  ]
  const status = (...options: readonly string[]): Promise<string> => output('curl', [...options, ...ask])
  t.is(await status(), '401')
  t.is(await status('-u', 'me:secret'), '200')
})

test('the peer runs a container of a store of its own', async t => {
  const directory = await tempDir(t)
  const peer = await peerPodman(t)
  await peer.output(['import', '--quiet', await busyboxTar(directory), 'localhost/busybox'])
  t.is(
    await peer.output(['run', '--rm', '--network', 'none', 'localhost/busybox', 'cat', '/etc/os-release']),
    await readFile(join(directory, 'busybox-rootfs/etc/os-release'), 'utf8'),
  )
  t.is((await peer.run(['run', '--rm', '--network', 'none', 'localhost/busybox', 'false'])).code, 1)
})
