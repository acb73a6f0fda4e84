import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test from 'ava'
import {
  type AccessOptions,
  composeImage,
  copyImage,
  type Descriptor,
  digestOf,
  insecureAcceptAnything,
  parseImageName,
  parseManifest,
  readImage,
  readImageConfig,
  readManifest,
} from '../../src/index.ts'
import { plainAccess } from '../support/registry.ts'

// Every transport to every other, once by us and once by skopeo: the same digests and the same files.

const policy = insecureAcceptAnything
const cleanups: (() => Promise<void>)[] = []
let root = ''
let host = ''
let access: AccessOptions = {}

const image = composeImage({
  layers: [
    [{ path: 'a', content: 'first' }],
    [{ path: 'b', content: Buffer.alloc(70_000, 'text ') }],
    [{ path: 'a', content: 'first' }],
  ],
  config: { Cmd: ['/a'], Labels: { x: 'y' } },
})

test.before(async () => {
  const teardown = { teardown: (cleanup: () => Promise<void>) => void cleanups.unshift(cleanup) }
  root = await tempDir(teardown, 'pairs')
  host = (await startRegistry(teardown)).host
  access = await plainAccess(join(root, 'access'))
  await copyImage(image, parseImageName(`dir:${root}/origin`), { policy })
  for (const [name, place] of Object.entries(places)) await skopeo(`dir:${root}/origin`, place(`source-${name}`))
})
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const places: Readonly<Record<string, (name: string) => string>> = {
  dir: name => `dir:${root}/${name}`,
  oci: name => `oci:${root}/${name}:tag`,
  'oci-archive': name => `oci-archive:${root}/${name}.tar:tag`,
  'docker-archive': name => `docker-archive:${root}/${name}.tar:localhost/app:tag`,
  docker: name => `docker://${host}/${name}:tag`,
  'containers-storage': name => `containers-storage:[vfs@${root}/store+${root}/run]localhost/${name}:tag`,
}

const skopeo = (from: string, to: string): Promise<string> =>
  output('skopeo', ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false', from, to])

/** Where layers come uncompressed and must be compressed, by programs whose gzip is not the same. */
const recompresses = (from: string, to: string): boolean =>
  ['docker-archive', 'containers-storage'].includes(from) && ['docker', 'oci', 'oci-archive'].includes(to)

/** The installed skopeo puts a blank into the layout's version and no type into its index, as later ones do not. */
const inNewForm = (name: string, content: Buffer): string | Buffer => {
  if (name !== 'index.json' && name !== 'oci-layout') return content
  const { mediaType: _, ...rest } = JSON.parse(content.toString()) as Record<string, unknown>
  return JSON.stringify(rest)
}

/** A tree's files with their digests. */
async function files(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name)
    if ((await stat(path)).isFile())
      found[name] = createHash('sha256')
        .update(inNewForm(name, await readFile(path)))
        .digest('hex')
  }
  return found
}

async function unpacked(archive: string): Promise<Record<string, string>> {
  const directory = `${archive}.unpacked`
  await mkdir(directory)
  await output('tar', ['-xf', archive, '-C', directory])
  return files(directory)
}

/** The files a place consists of; of a docker archive those that its contents list names. */
const filesAt: Readonly<Record<string, (name: string) => Promise<Record<string, string>>>> = {
  dir: name => files(join(root, name)),
  oci: name => files(join(root, name)),
  'oci-archive': name => unpacked(join(root, `${name}.tar`)),
  'docker-archive': async name => {
    const all = await unpacked(join(root, `${name}.tar`))
    const contents = await readFile(join(root, `${name}.tar.unpacked`, 'manifest.json'), 'utf8')
    const [{ Config, RepoTags, Layers }] = JSON.parse(contents) as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ]
    const named = [Config, ...Layers].map(file => [file, all[file] ?? 'missing'] as const)
    return { ...Object.fromEntries(named), RepoTags: RepoTags.join(), Layers: Layers.join() }
  },
}

const read = async (name: string) => {
  const { config, layers, manifest } = await readImage(parseImageName(name), { access })
  return { config, layers, type: manifest.mediaType, digest: manifest.digest }
}

const digests = (layers: readonly Descriptor[]) => layers.map(({ digest }) => digest)

/** What a config says, whoever wrote it down: skopeo writes configs of the other family anew. */
function essence(config: Uint8Array): object {
  const { architecture, os, created, rootfs, config: settings } = JSON.parse(Buffer.from(config).toString())
  return { architecture, os, created, rootfs, settings }
}

/** What gzipped layers unpack to. */
async function unpackedDigests(name: string, layers: readonly Descriptor[]): Promise<string[]> {
  await using source = await parseImageName(name).openSource?.(access)
  const blobs = layers.map(async layer => Buffer.concat(await Array.fromAsync((await source?.blob(layer, 0)) ?? [])))
  return (await Promise.all(blobs)).map(blob => digestOf(gunzipSync(blob)))
}

for (const from of Object.keys(places)) {
  for (const to of Object.keys(places)) {
    test.serial(`${from} to ${to}`, async t => {
      const place = (who: string) => places[to]?.(`${who}-${from}-${to}`) ?? ''
      const source = places[from]?.(`source-${from}`) ?? ''
      const copied = await copyImage(parseImageName(source), parseImageName(place('ours')), {
        policy,
        source: access,
        destination: access,
      })
      await skopeo(source, place('theirs'))
      const [ours, theirs] = [await read(place('ours')), await read(place('theirs'))]
      t.is(ours.digest, copied.digest)
      if (recompresses(from, to)) {
        const kept = ({ layers, type }: typeof ours) => ({ type, types: layers.map(({ mediaType }) => mediaType) })
        t.deepEqual(kept(ours), kept(theirs))
        t.deepEqual(essence(ours.config), essence(theirs.config))
        t.deepEqual(
          await unpackedDigests(place('ours'), ours.layers),
          await unpackedDigests(place('theirs'), theirs.layers),
        )
        t.deepEqual(await unpackedDigests(place('ours'), ours.layers), readImageConfig(ours.config).diffIds)
        await skopeo(place('ours'), `dir:${root}/check-${from}-${to}`)
        return
      }
      if (to === 'dir' && from === 'containers-storage') {
        // The installed skopeo calls the uncompressed layers that it writes compressed ones.
        t.deepEqual(digests(ours.layers), digests(theirs.layers))
        return
      }
      t.deepEqual(ours, theirs)
      const raw = await output('skopeo', ['inspect', '--raw', '--tls-verify=false', place('ours')])
      t.is(raw, Buffer.from((await readManifest(parseImageName(place('theirs')), { access })).bytes).toString())
      const list = filesAt[to]
      if (list !== undefined) t.deepEqual(await list(`ours-${from}-${to}`), await list(`theirs-${from}-${to}`))
    })
  }
}

test.serial('what buildah pushes to every place we read, and what we make buildah takes', async t => {
  const store = ['--root', join(root, 'kitchen'), '--runroot', join(root, 'kitchen-run'), '--storage-driver', 'vfs']
  const buildah = async (...args: readonly string[]) => (await output('buildah', [...store, ...args])).trim()
  await copyImage(image, parseImageName(`docker://${host}/for-buildah:1`), { policy, destination: access })
  const container = await buildah('from', '--tls-verify=false', `docker://${host}/for-buildah:1`)
  await buildah('config', '--label', 'made=buildah', container)
  await buildah('commit', '--disable-compression', container, 'localhost/made:1')
  for (const [name, place] of Object.entries(places)) {
    if (name === 'containers-storage') continue
    await buildah('push', '--tls-verify=false', 'localhost/made:1', place(`buildah-${name}`))
    const { config, layers } = await readImage(parseImageName(place(`buildah-${name}`)), { access })
    t.is(
      (JSON.parse(Buffer.from(config).toString()) as { config: { Labels: Record<string, string> } }).config.Labels.made,
      'buildah',
    )
    t.is(layers.length, 4)
    const back = `oci:${root}/from-buildah-${name}:1`
    await copyImage(parseImageName(place(`buildah-${name}`)), parseImageName(back), { policy, source: access })
    t.is(parseManifest((await readManifest(parseImageName(back))).bytes).kind, 'image')
    await buildah('pull', '--tls-verify=false', back)
  }
})
