import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { plainEnvironment, run, startRegistry, type Teardown, tempDir } from '@libpod/test-kit'
import test from 'ava'
import type { TocEntry } from '../../src/chunked/toc-entry.ts'
import {
  type AccessOptions,
  type CopyEvent,
  composeImage,
  copyImage,
  insecureAcceptAnything,
  parseImageName,
  readImage,
} from '../../src/index.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything

function noise(size: number, seed: string): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < size; at += 32) pieces.push(createHash('sha256').update(`${seed}${at}`).digest())
  return Buffer.concat(pieces).subarray(0, size)
}

const shared = ['a', 'b', 'c'].map(name => ({ path: `data/${name}`, content: noise(40_000, name) }))
const holed = Buffer.concat([noise(300_000, 'x'), Buffer.alloc(70_000), noise(900, 'y'), Buffer.alloc(900)])
const files = (own: string) =>
  [
    { path: 'data', directory: true },
    ...shared,
    { path: 'data/own', content: own, uid: 7, mtime: 1_600_000_000 },
    { path: 'data/holed', content: holed },
    { path: 'data/link', link: 'own' },
  ] as const

/** Podman of the distribution with a store of its own that pulls by parts. */
async function partialPodman(t: Teardown) {
  const directory = await tempDir(t)
  const config = join(directory, 'storage.conf')
  const [root, runRoot] = [join(directory, 'root'), join(directory, 'run')]
  const options = '[storage.options]\npull_options = {enable_partial_images = "true", use_hard_links = "false"}\n'
  await writeFile(config, `[storage]\ndriver = "overlay"\ngraphroot = "${root}"\nrunroot = "${runRoot}"\n${options}`)
  const env = { ...plainEnvironment, HOME: directory, CONTAINERS_STORAGE_CONF: config }
  const podman = (...args: readonly string[]) => run('podman', ['--cgroup-manager', 'cgroupfs', ...args], { env })
  t.teardown(async () => void (await podman('image', 'unmount', '--all')))
  return { podman, conf: config, root, store: `[overlay@${root}+${runRoot}]` }
}

/** A manifest with the annotations under the names that they had first, too, by which Podman 4 knows them. */
const known = (manifest: Uint8Array): string =>
  Buffer.from(manifest)
    .toString()
    .replaceAll(/"io\.github\.containers(\.zstd-chunked[^"]*":"[^"]*")/g, '$&,"io.containers$1')

test('Podman pulls our layers by parts, and finds in them what we put there', async t => {
  const { host, url } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t))
  const { podman } = await partialPodman(t)
  for (const name of ['one', 'two']) {
    const to = parseImageName(`docker://${host}/${name}:1`)
    const image = composeImage({ layers: [files(name)] })
    const { manifest, manifestType } = await copyImage(image, to, {
      policy,
      destination: access,
      compression: 'zstd:chunked',
      forceCompression: 'yes',
    })
    const headers = { 'content-type': manifestType }
    const put = await fetch(`${url}/v2/${name}/manifests/1`, { method: 'PUT', headers, body: known(manifest) })
    t.is(put.status, 201)
    const { code, stderr } = await podman('--log-level', 'debug', 'pull', '--tls-verify=false', `${host}/${name}:1`)
    t.is(code, 0, stderr)
    t.regex(stderr, /Retrieved partial blob sha256:/)
  }
  const mounted = (await podman('image', 'mount', `${host}/two:1`)).stdout.trim()
  t.deepEqual((await readdir(join(mounted, 'data'))).toSorted(), ['a', 'b', 'c', 'holed', 'link', 'own'])
  t.true((await readFile(join(mounted, 'data', 'holed'))).equals(holed))
  t.true((await readFile(join(mounted, 'data', 'b'))).equals(shared[1]?.content ?? Buffer.of()))
  t.is(await readFile(join(mounted, 'data', 'link'), 'utf8'), 'two')
})

test('one finds in the store what the other pulled by parts', async t => {
  const { host, url } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t))
  const { podman, conf, root, store } = await partialPodman(t)
  const push = async (name: string) => {
    const options = { policy, destination: access, compression: 'zstd:chunked', forceCompression: 'yes' } as const
    const to = parseImageName(`docker://${host}/${name}:1`)
    const { manifest, manifestType } = await copyImage(composeImage({ layers: [files(name)] }), to, options)
    const headers = { 'content-type': manifestType }
    await fetch(`${url}/v2/${name}/manifests/known`, { method: 'PUT', headers, body: known(manifest) })
    return to
  }
  const pull = async (name: string) => {
    const to = parseImageName(`containers-storage:${store}${host}/${name}:1`)
    const events: CopyEvent[] = []
    const destination = { env: { ...access.env, CONTAINERS_STORAGE_CONF: conf } }
    const onProgress = (event: CopyEvent) => void events.push(event)
    await copyImage(await push(name), to, { policy, source: access, destination, onProgress })
    return events.find(event => event.type === 'blob-parts')
  }
  const items = async () => {
    const layers: { 'big-data-names'?: string[] }[] = JSON.parse(
      await readFile(join(root, 'overlay-layers/layers.json'), 'utf8'),
    )
    return layers.map(layer => layer['big-data-names']?.toSorted())
  }
  const ours = ['zstd-chunked-layer-data', 'zstd-chunked-manifest']
  t.is((await pull('one'))?.reused, 0)
  t.deepEqual(await items(), [ours])
  await push('two')
  const pulled = await podman('--log-level', 'debug', 'pull', '--tls-verify=false', `${host}/two:known`)
  t.is(pulled.code, 0, pulled.stderr)
  t.regex(pulled.stderr, /Retrieved partial blob sha256:/)
  // Podman made its index of our table. How much it keeps of its own layer depends on its age.
  const [first, second] = await items()
  t.deepEqual(first, ['chunked-manifest-cache', ...ours])
  t.true(second?.includes('zstd-chunked-manifest'))
  t.is((await podman('rmi', `${host}/one:1`)).code, 0)
  t.deepEqual(await items(), [second])
  t.true(((await pull('three'))?.reused ?? 0) > 400_000)
  const mounted = (await podman('image', 'mount', `${host}/three:1`)).stdout.trim()
  t.true((await readFile(join(mounted, 'data', 'holed'))).equals(holed))
})

interface Toc {
  readonly entries: readonly TocEntry[]
}

async function readToc(name: string, access: AccessOptions): Promise<Toc> {
  const image = parseImageName(name)
  const [layer] = (await readImage(image, { access })).layers
  if (layer === undefined || image.openSource === undefined) throw new Error('no layer')
  const [position = ''] = Object.entries(layer.annotations ?? {}).flatMap(([key, value]) =>
    key.endsWith('.manifest-position') ? [value] : [],
  )
  const [at = 0, size = 0] = position.split(':').map(Number)
  await using source = await image.openSource(access)
  const blob = Buffer.concat(await Array.fromAsync(await source.blob(layer, 0)))
  return JSON.parse(zstdDecompressSync(blob.subarray(at, at + size)).toString())
}

test('Podman cuts the same files into the same chunks, and tells the same of them', async t => {
  const { host } = await startRegistry(t)
  const access = await plainAccess(await tempDir(t))
  const { podman } = await partialPodman(t)
  const [ours, theirs] = [`docker://${host}/app:ours`, `docker://${host}/app:theirs`]
  const archive = join(await tempDir(t), 'app.tar')
  const image = composeImage({ layers: [files('own')] })
  await copyImage(image, parseImageName(`docker-archive:${archive}:${host}/app:theirs`), { policy })
  const chunked = { policy, destination: access, compression: 'zstd:chunked', forceCompression: 'yes' } as const
  await copyImage(image, parseImageName(ours), chunked)
  t.is((await podman('load', '-i', archive)).code, 0)
  const format = ['--compression-format', 'zstd:chunked', '--format', 'oci', '--tls-verify=false']
  const pushed = await podman('push', ...format, `${host}/app:theirs`, theirs)
  t.is(pushed.code, 0, pushed.stderr)
  const told = ({ entries }: Toc) =>
    entries.map(entry =>
      Object.fromEntries(
        // Its compressor differs, and it told of times that nobody gave.
        Object.entries(entry).filter(
          ([key, value]) => !['offset', 'endOffset'].includes(key) && !String(value).startsWith('0001-01-01'),
        ),
      ),
    )
  t.deepEqual(told(await readToc(ours, access)), told(await readToc(theirs, access)))
})
