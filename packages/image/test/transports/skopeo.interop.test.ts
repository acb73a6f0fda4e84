import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { output, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AccessOptions,
  type CopyOptions,
  composeIndex,
  copyImage,
  insecureAcceptAnything,
  mediaTypes,
  parseImageName,
  readImage,
  readManifest,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess, startRegistry } from '../support/registry.ts'

const cleanups: (() => Promise<void>)[] = []
let root = ''
let host = ''
let access: AccessOptions = {}

test.before(async () => {
  root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) }, 'skopeo')
  const registry = await startRegistry(join(root, 'registry'))
  cleanups.unshift(() => Promise.resolve(registry[Symbol.asyncDispose]()))
  host = registry.host
  access = await plainAccess(join(root, 'access'))
})
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const places: Readonly<Record<string, (name: string) => string>> = {
  dir: name => `dir:${join(root, `dir-${name}`)}`,
  oci: name => `oci:${join(root, `oci-${name}`)}:tag`,
  'oci-archive': name => `oci-archive:${join(root, `oci-${name}.tar`)}:tag`,
  'docker-archive': name => `docker-archive:${join(root, `docker-${name}.tar`)}:localhost/app:tag`,
  docker: name => `docker://${host}/${name}:tag`,
}

const skopeo = (from: string, to: string, ...more: readonly string[]) =>
  output('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    '--src-tls-verify=false',
    '--dest-tls-verify=false',
    ...more,
    from,
    to,
  ])
const copy = (from: string, to: string, more: Partial<CopyOptions> = {}) =>
  copyImage(parseImageName(from), parseImageName(to), {
    policy: insecureAcceptAnything,
    source: access,
    destination: access,
    ...more,
  })
const config = async (name: string) => (await readImage(parseImageName(name), { access })).config

for (const [name, place] of Object.entries(places)) {
  test(`${name}: skopeo reads what we wrote, to the byte`, async t => {
    const image = randomImage({ seed: name })
    await copyImage(image, parseImageName(place('ours')), { policy: insecureAcceptAnything, destination: access })
    await skopeo(place('ours'), `dir:${join(root, `read-${name}`)}`)
    t.deepEqual(await config(`dir:${join(root, `read-${name}`)}`), (await readImage(image)).config)
    const raw = await output('skopeo', ['inspect', '--raw', '--tls-verify=false', place('ours')])
    t.is(raw, Buffer.from((await readManifest(parseImageName(place('ours')), { access })).bytes).toString())
  })

  test(`${name}: we read what skopeo wrote, to the byte`, async t => {
    const image = randomImage({ seed: `${name} theirs` })
    const from = `oci:${join(root, `origin-${name}`)}:x`
    await copyImage(image, parseImageName(from), { policy: insecureAcceptAnything })
    await skopeo(from, place('theirs'))
    const back = `oci:${join(root, `back-${name}`)}:x`
    await copy(place('theirs'), back)
    t.deepEqual(await config(back), (await readImage(image)).config)
  })
}

for (const [what, options, type] of [
  ['schema 2', { format: 'v2s2' }, mediaTypes.dockerManifest],
  ['zstd', { compression: 'zstd', forceCompression: 'yes' }, mediaTypes.ociManifest],
] as const) {
  test(`skopeo reads what we converted to ${what}`, async t => {
    const name = `docker://${host}/converted-${what.replace(' ', '')}:1`
    const to = parseImageName(name)
    const image = randomImage({ seed: what })
    const { manifestType } = await copyImage(image, to, {
      policy: insecureAcceptAnything,
      destination: access,
      ...options,
    })
    t.is(manifestType, type)
    const back = `dir:${join(root, `converted-${what}`)}`
    await skopeo(name, back)
    t.deepEqual(await config(back), (await readImage(image)).config)
  })
}

test('digests stay where nothing had to change, and may be demanded', async t => {
  const image = randomImage({ seed: 'preserve' })
  const first = await copyImage(image, parseImageName(`oci:${join(root, 'preserve')}:x`), {
    policy: insecureAcceptAnything,
  })
  const second = await copy(`oci:${join(root, 'preserve')}:x`, `docker://${host}/preserve:1`, {
    preserveDigests: 'yes',
  })
  t.is(second.digest, first.digest)
  const changed = copy(`oci:${join(root, 'preserve')}:x`, `docker://${host}/preserve:2`, {
    preserveDigests: 'yes',
    format: 'v2s2',
  })
  await t.throwsAsync(changed, { code: 'COPY_UNSUPPORTED' })
})

test('blobs are mounted from a repository of the same registry', async t => {
  await copyImage(randomImage({ seed: 'mount', layerSize: 100_000 }), parseImageName(`docker://${host}/mount/a:1`), {
    policy: insecureAcceptAnything,
    destination: access,
  })
  const events: string[] = []
  await copy(`docker://${host}/mount/a:1`, `docker://${host}/mount/b:1`, {
    onProgress: ({ type }) => void events.push(type),
  })
  t.is(events.filter(type => type === 'blob-reused').length, 2)
})

test('an index goes to skopeo and back with all its images', async t => {
  const platforms = ['amd64', 's390x'].map(architecture => ({ os: 'linux', architecture }))
  const index = composeIndex(
    platforms.map(platform => ({ image: randomImage({ seed: platform.architecture, platform }), platform })),
  )
  const to = `docker://${host}/index:1`
  const { digest } = await copyImage(index, parseImageName(to), {
    policy: insecureAcceptAnything,
    destination: access,
    images: 'all',
  })
  await skopeo(to, `dir:${join(root, 'index')}`, '--all')
  await skopeo(`dir:${join(root, 'index')}`, `docker://${host}/index:back`, '--all')
  const back = await readManifest(parseImageName(`docker://${host}/index:back`), { access })
  t.is(back.digest, digest)
})

test('a Docker daemon gives and takes images', async t => {
  const directory = await tempDir(t, 'daemon')
  const socket = join(directory, 'api.sock')
  const flags = [
    '--root',
    join(directory, 'root'),
    '--runroot',
    join(directory, 'run'),
    '--tmpdir',
    join(directory, 'tmp'),
    '--storage-driver',
    'vfs',
    '--events-backend',
    'none',
  ]
  const service = spawn('podman', [...flags, 'system', 'service', '--time', '0', `unix://${socket}`], {
    stdio: 'ignore',
  })
  t.teardown(() => void service.kill('SIGKILL'))
  while (service.exitCode === null && !(await stat(socket).catch(() => undefined))) await sleep(50)
  const daemon: AccessOptions = { ...access, daemonHost: `unix://${socket}` }
  const image = randomImage({ seed: 'daemon' })
  const place = parseImageName('docker-daemon:localhost/daemon:1')
  await copyImage(image, place, { policy: insecureAcceptAnything, destination: daemon })
  t.deepEqual((await readImage(place, { access: daemon })).config, (await readImage(image)).config)
})
