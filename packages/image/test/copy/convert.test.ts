import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostileServer, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type CopyOptions,
  composeIndex,
  copyImage,
  digestOf,
  insecureAcceptAnything,
  listTags,
  mediaTypes,
  parseDockerReference,
  parseImageName,
  parseManifest,
  type Reference,
  readImage,
  readManifest,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { parseChallenges } from '../../src/transports/docker/challenge.ts'
import { nextTarget } from '../../src/transports/docker/pages.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything

async function converted(t: ExecutionContext, from: Reference, options: Partial<CopyOptions>): Promise<Reference> {
  const to = parseImageName(`dir:${join(await tempDir(t, 'convert'), 'image')}`)
  await copyImage(from, to, { policy, ...options })
  return to
}

const layerTypes = async (image: Reference) => (await readImage(image)).layers.map(({ mediaType }) => mediaType)

test('OCI to schema 2 and back is the same image, to the byte', async t => {
  const image = randomImage({ seed: 'there and back' })
  const docker = await converted(t, image, { format: 'v2s2' })
  t.is((await readManifest(docker)).mediaType, mediaTypes.dockerManifest)
  t.deepEqual(await layerTypes(docker), [mediaTypes.dockerLayerGzip, mediaTypes.dockerLayerGzip])
  const back = await converted(t, docker, { format: 'oci' })
  t.is((await readManifest(back)).digest, (await readManifest(image)).digest)
})

test('gzip to zstd to nothing to gzip: every layer unpacks to the same, and the types say what they are', async t => {
  const image = randomImage({ seed: 'recompressed' })
  const force = { forceCompression: 'yes' } as const
  const zstd = await converted(t, image, { compression: 'zstd', ...force })
  t.deepEqual(await layerTypes(zstd), [mediaTypes.ociLayerZstd, mediaTypes.ociLayerZstd])
  const plain = await converted(t, zstd, { compression: 'none', ...force })
  t.deepEqual(await layerTypes(plain), [mediaTypes.ociLayer, mediaTypes.ociLayer])
  const { layers, config } = await readImage(plain)
  const { rootfs } = JSON.parse(Buffer.from(config).toString()) as { rootfs: { diff_ids: string[] } }
  t.deepEqual(
    layers.map(({ digest }) => String(digest)),
    rootfs.diff_ids,
  )
  const gzip = await converted(t, plain, { compression: 'gzip', ...force })
  t.deepEqual(await layerTypes(gzip), [mediaTypes.ociLayerGzip, mediaTypes.ociLayerGzip])
  t.is(digestOf((await readImage(gzip)).config), digestOf((await readImage(image)).config))
})

test('zstd:chunked says where its table of contents is, as long as it is that', async t => {
  const force = { forceCompression: 'yes' } as const
  const position = 'io.github.containers.zstd-chunked.manifest-position'
  const said = async (image: Reference) =>
    (await readImage(image)).layers.map(layer => Object.keys(layer.annotations ?? {}))
  const chunked = await converted(t, randomImage({ seed: 'toc' }), { compression: 'zstd:chunked', ...force })
  t.deepEqual(await layerTypes(chunked), [mediaTypes.ociLayerZstd, mediaTypes.ociLayerZstd])
  for (const keys of await said(chunked)) t.true(keys.includes(position))
  const same = await converted(t, chunked, { compression: 'zstd', ...force })
  t.is((await readManifest(same)).digest, (await readManifest(chunked)).digest)
  const gzip = await converted(t, chunked, { compression: 'gzip', ...force })
  t.deepEqual(await said(gzip), [[], []])
  const again = await converted(t, gzip, { compression: 'zstd:chunked', ...force })
  t.is((await readManifest(again)).digest, (await readManifest(chunked)).digest)
  const plain = await converted(t, gzip, { compression: 'zstd', ...force })
  t.deepEqual(await said(plain), [[], []])
  const made = await converted(t, plain, { compression: 'zstd:chunked', ...force })
  t.is((await readManifest(made)).digest, (await readManifest(chunked)).digest)
})

test('zstd has no name in schema 2: it is refused, or becomes OCI where nothing else was asked for', async t => {
  const docker = await converted(t, randomImage({ seed: 'zstd' }), { format: 'v2s2' })
  const force = { compression: 'zstd', forceCompression: 'yes' } as const
  t.is((await readManifest(await converted(t, docker, force))).mediaType, mediaTypes.ociManifest)
  await t.throwsAsync(converted(t, docker, { ...force, format: 'v2s2' }), { code: 'COPY_UNSUPPORTED' })
})

test('an index becomes a list with its images, and back', async t => {
  const platforms = ['amd64', 's390x'].map(architecture => ({ os: 'linux', architecture }))
  const index = composeIndex(
    platforms.map(platform => ({ platform, image: randomImage({ seed: platform.architecture, platform }) })),
  )
  const list = await converted(t, index, { images: 'all', format: 'v2s2' })
  const { mediaType, bytes } = await readManifest(list)
  t.is(mediaType, mediaTypes.dockerList)
  const parsed = parseManifest(bytes)
  t.deepEqual(parsed.kind === 'index' && parsed.manifests.map(one => [one.mediaType, one.platform?.architecture]), [
    [mediaTypes.dockerManifest, 'amd64'],
    [mediaTypes.dockerManifest, 's390x'],
  ])
  for (const platform of platforms)
    t.is((await readImage(list, { platform })).manifest.mediaType, mediaTypes.dockerManifest)
  const back = await converted(t, list, { images: 'all', format: 'oci' })
  t.is((await readManifest(back)).digest, (await readManifest(index)).digest)
})

test('bytes stay what they were: blanks, order and keys that nobody knows', async t => {
  const directory = await tempDir(t, 'raw')
  const from = join(directory, 'odd')
  await copyImage(randomImage({ seed: 'odd' }), parseImageName(`dir:${from}`), { policy })
  const { bytes } = await readManifest(parseImageName(`dir:${from}`))
  const document = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>
  const odd = `${JSON.stringify({ 'x-unknown': { __proto__: null, deep: [1e2, 1.5] }, annotations: { b: '\u2028<&>', a: '' }, ...document }, undefined, '\t')}\n`
  await writeFile(join(from, 'manifest.json'), odd)
  const layout = parseImageName(`oci:${directory}/layout:1`)
  const archive = parseImageName(`oci-archive:${directory}/archive.tar:1`)
  await copyImage(parseImageName(`dir:${from}`), layout, { policy, preserveDigests: 'yes' })
  await copyImage(layout, archive, { policy })
  t.is(Buffer.from((await readManifest(archive)).bytes).toString(), odd)
  t.is((await readManifest(archive)).digest, digestOf(odd))
})

test('what a registry says in headers is read in one pass, however long', async t => {
  const long = 1_000_000
  for (const piece of ['<', '>', '<x>', '; rel', ';rel="next', 'a=', '"', '\\"', 'Bearer ', 'x="y",', ' ', ',', '='])
    for (const end of ['', '"', '>', '; rel=next']) {
      const text = piece.repeat(long / piece.length) + end
      parseChallenges(text)
      parseChallenges(`Bearer ${text}`)
      nextTarget(text)
    }
  t.is(nextTarget('</a>; rel="prev", </b?c=d>; foo="x"; rel="next"'), '/b?c=d')
  t.is(nextTarget('</a>; rel=nextish'), undefined)
  const challenge = parseChallenges('Basic realm="a, b", Bearer realm="https://x/\\"y",scope="r:a:pull"').map(
    ({ scheme, parameters }) => [scheme, ...parameters],
  )
  t.deepEqual(challenge, [
    ['basic', ['realm', 'a, b']],
    ['bearer', ['realm', 'https://x/"y'], ['scope', 'r:a:pull']],
  ])
})

test('an abort while a registry keeps us waiting ends the wait', async t => {
  const stop = new AbortController()
  const server = await hostileServer(t, ({ path }, response) => {
    if (path === '/v2/') return response.end('{}')
    setImmediate(() => stop.abort(new Error('enough')))
    return response.writeHead(429, { 'retry-after': '60' }).end()
  })
  const access = await plainAccess(await tempDir(t))
  const listing = listTags(parseDockerReference(`${server.host}/a`), access, { signal: stop.signal })
  await t.throwsAsync(listing, { message: 'enough' })
})

test('a document that is two kinds at once is refused from disk too', async t => {
  const directory = await tempDir(t, 'two-kinds')
  const place = parseImageName(`dir:${directory}/image`)
  await copyImage(randomImage({ seed: 'two kinds' }), place, { policy })
  const { bytes } = await readManifest(place)
  const both = { ...(JSON.parse(Buffer.from(bytes).toString()) as object), manifests: [] }
  await writeFile(join(directory, 'image', 'manifest.json'), JSON.stringify(both))
  await t.throwsAsync(copyImage(place, parseImageName(`oci:${directory}/copy:x`), { policy }), {
    code: 'MANIFEST_INVALID',
  })
})
