import { createHash } from 'node:crypto'
import { channel } from 'node:diagnostics_channel'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostileServer, output, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { chunkedKeys } from '../../src/chunked/annotations.ts'
import {
  type CopyEvent,
  copyImage,
  insecureAcceptAnything,
  isImageError,
  parseImageName,
  readImageFile,
} from '../../src/index.ts'
import {
  chunkedImage,
  type Files,
  type Lie,
  layerOf,
  lying,
  noise,
  type Ranges,
  registryOf,
  type Toc,
} from '../support/chunked-image.ts'
import { plainAccess } from '../support/registry.ts'
import type { ServedImage } from '../support/served-image.ts'

const policy = insecureAcceptAnything
type Parts = Extract<CopyEvent, { type: 'blob-parts' }>

/** Why layers did not come by parts, by their digest; other tests' layers are among them. */
const refusals = new Map<string, string>()
channel('libpod.image.parts').subscribe(message => {
  const [, digest = '', why] =
    /^Failed to retrieve partial blob (\S+): (.*)$/s.exec((message as { message: string }).message) ?? []
  if (why !== undefined) refusals.set(digest, why)
})

/** A store whose storage.conf asks for pulls by parts. */
async function partialStore(t: ExecutionContext, enabled = 'true', more = '') {
  const directory = await tempDir(t, 'parts')
  const conf = join(directory, 'storage.conf')
  const at = `[overlay@${directory}/root+${directory}/run]`
  await writeFile(conf, `[storage]\n[storage.options.pull_options]\nenable_partial_images = "${enabled}"\n${more}`)
  const source = await plainAccess(directory)
  const destination = { env: { ...source.env, CONTAINERS_STORAGE_CONF: conf } }
  const pull = async (from: string) => {
    const events: CopyEvent[] = []
    const to = parseImageName(`containers-storage:${at}localhost/${from.replace(/^[^/]*\//, '')}:1`)
    await copyImage(parseImageName(`docker://${from}`), to, {
      ...{ policy, source, destination },
      onProgress: event => void events.push(event),
    })
    return events.find((event): event is Parts => event.type === 'blob-parts')
  }
  const name = (image: string) => `containers-storage:${at}localhost/${image}:1`
  return {
    directory,
    pull,
    name,
    file: (image: string, path: string) => readImageFile(parseImageName(name(image)), path),
  }
}

/** What is left of layers that did not come to be. */
async function leftovers(directory: string): Promise<string[]> {
  const places = ['overlay/tempdirs', 'overlay-layers/tmp'].map(place => join(directory, 'root', place))
  const names = await Promise.all(places.map(place => readdir(place).catch(() => [])))
  return names.flat().filter(name => !name.startsWith('lock-'))
}

const shared: Files = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`data/${at}`, noise(20_000, `${at}`)]))
const big = noise(900_000, 'big')
const first: Files = { ...shared, big, own: noise(30_000, 'first') }
const second: Files = {
  ...shared,
  big: Buffer.concat([big.subarray(0, 400_000), Buffer.from('inserted'), big.subarray(400_000)]),
  holed: Buffer.concat([noise(3000, 'x'), Buffer.alloc(500_000), noise(3000, 'y')]),
  own: noise(30_000, 'second'),
}

for (const ranges of ['many', 'one'] as const satisfies readonly Ranges[]) {
  test(`of a second image only what is new is fetched: ${ranges} range(s) at once`, async t => {
    const images = { first: await chunkedImage(t, first), second: await chunkedImage(t, second) }
    const { serve, count } = registryOf(images, ranges)
    const { host } = await hostileServer(t, serve)
    const store = await partialStore(t)
    t.is((await store.pull(`${host}/first`))?.reused, 0)
    const before = count.bytes
    const parts = await store.pull(`${host}/second`)
    t.true((parts?.reused ?? 0) > 1_300_000, String(parts?.reused))
    const { layer } = layerOf(images.second)
    const fetched = parts?.fetched ?? Number.NaN
    t.true(fetched < 0.3 * layer.size, `${fetched} of ${layer.size}`)
    // One that does not know several ranges sends everything once, which is hung up on.
    if (ranges === 'many') t.true(count.bytes - before < 0.3 * layer.size, `${count.bytes - before}`)
    else t.true(count.requests > 4)
    for (const [path, content] of Object.entries(second))
      t.true(Buffer.from(await store.file('second', path)).equals(Buffer.from(content)), path)
    t.deepEqual(await leftovers(store.directory), [])
  })
}

test('it is off unless it is asked for, and a server without ranges is taken as it is', async t => {
  const images = { first: await chunkedImage(t, { ...first, seed: t.title }) }
  for (const [enabled, ranges] of [
    ['false', 'many'],
    ['true', 'none'],
  ] as const) {
    const { host } = await hostileServer(t, registryOf(images, ranges).serve)
    const store = await partialStore(t, enabled)
    t.is(await store.pull(`${host}/first`), undefined)
    t.is((await store.file('first', 'own')).length, 30_000)
  }
  t.regex(refusals.get(layerOf(images.first).layer.digest) ?? '', /does not serve parts of blobs/)
})

test('a connection that breaks is taken up again', async t => {
  const image = await chunkedImage(t, first)
  const { serve } = registryOf({ first: image }, 'many')
  const { layer, blob } = layerOf(image)
  let broken = 0
  const { host } = await hostileServer(t, (request, response) => {
    const range = /^bytes=([0-9]+)-([0-9]+)$/.exec(request.headers.range ?? '')
    const [from, to] = [Number(range?.[1]), Number(range?.[2])]
    if (!(to - from > 200_000) || broken++ > 1) return serve(request, response)
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${blob.length}`, 'content-length': to - from + 1 })
    return response.write(blob.subarray(from, from + 100_000), () => setTimeout(() => response.destroy(), 50))
  })
  const store = await partialStore(t)
  const parts = await store.pull(`${host}/first`)
  t.true(broken >= 2)
  t.is(parts?.digest, layer.digest)
  t.true(Buffer.from(await store.file('first', 'big')).equals(big))
})

const entry = (toc: Toc, name: string) => {
  const found = toc.entries.find(each => each.name === name)
  if (found === undefined) throw new TypeError(`no ${name}`)
  return found
}
const wrong = `sha256:${createHash('sha256').update('other').digest('hex')}`

const lies: Readonly<Record<string, Lie & { readonly says: RegExp }>> = {
  'a table of another digest': {
    annotations: all => void Object.assign(all, { [chunkedKeys.checksum]: wrong }),
    says: /not the one that was promised/,
  },
  'a position beyond the blob': {
    annotations: all => void Object.assign(all, { [chunkedKeys.position]: '5:99999999999:10:1' }),
    says: /not within the [0-9]+ bytes/,
  },
  'a table that would fill the memory': {
    annotations: all =>
      void Object.assign(all, {
        [chunkedKeys.position]: all[chunkedKeys.position]?.replace(/:[0-9]+:1$/, ':999999999999:1') ?? '',
      }),
    says: /table of contents is too large/,
  },
  'a table that is larger than was said': {
    annotations: all =>
      void Object.assign(all, {
        [chunkedKeys.position]: all[chunkedKeys.position]?.replace(/:[0-9]+:1$/, ':100:1') ?? '',
      }),
    says: /cannot be decompressed/,
  },
  'another kind of table': {
    annotations: all =>
      void Object.assign(all, { [chunkedKeys.position]: all[chunkedKeys.position]?.replace(/:1$/, ':2') ?? '' }),
    says: /unknown type "2"/,
  },
  'two tables': {
    annotations: all => void Object.assign(all, { 'containerd.io/snapshot/stargz/toc.digest': wrong }),
    says: /both zstd:chunked and eStargz TOC found/,
  },
  'no record of the tar': { toc: toc => void delete toc.tarSplitDigest, says: /names no tar-split record/ },
  'another record of the tar': {
    toc: toc => void Object.assign(toc, { tarSplitDigest: wrong }),
    says: /tar-split record is not the one/,
  },
  'a path that leads out': {
    toc: toc => void Object.assign(entry(toc, 'own'), { name: '../../own' }),
    says: /does not tell of "own"/,
  },
  'a file that the tar does not have': {
    toc: toc => void toc.entries.push({ type: 'reg', name: 'more' }),
    says: /more members than the layer/,
  },
  'a file that is missing': {
    toc: toc => void toc.entries.pop(),
    says: /does not tell of "seed"/,
  },
  'a link to elsewhere instead of a file': {
    toc: toc => {
      const own = entry(toc, 'own')
      for (const key of ['size', 'digest', 'offset', 'endOffset'] as const) delete own[key]
      Object.assign(own, { type: 'symlink', linkName: '/etc/shadow' })
    },
    says: /does not tell of "own"/,
  },
  'a file with the digest of another': {
    toc: toc => void Object.assign(entry(toc, 'own'), { digest: wrong }),
    says: /content of "own" is not the one/,
  },
  'a chunk with the digest of another': {
    toc: toc => void Object.assign(entry(toc, 'big'), { chunkDigest: wrong }),
    says: /content of "big" is not the one/,
  },
  'a file whose chunks are right and whose digest is not': {
    toc: toc => void Object.assign(entry(toc, 'big'), { digest: wrong }),
    says: /content of "big" is not the one/,
  },
  'frames of another file': {
    toc: toc => {
      const [one, two] = [entry(toc, 'data/0'), entry(toc, 'data/1')]
      ;[one.offset, one.endOffset, two.offset, two.endOffset] = [
        two.offset,
        two.endOffset,
        one.offset,
        one.endOffset,
      ] as [number, number, number, number]
    },
    says: /lies where none can be/,
  },
  'frames that overlap': {
    toc: toc => void Object.assign(entry(toc, 'data/1'), { offset: (entry(toc, 'data/0').offset ?? 0) + 1 }),
    says: /lies where none can be/,
  },
  'frames behind the end of the blob': {
    toc: toc => void Object.assign(entry(toc, 'own'), { offset: 2 ** 40, endOffset: 2 ** 40 + 10 }),
    says: /lies where none can be/,
  },
  'a size that nothing can have': {
    toc: toc => void Object.assign(entry(toc, 'own'), { size: 2 ** 50 }),
    says: /too large/,
  },
  'a negative offset': { toc: toc => void Object.assign(entry(toc, 'own'), { offset: -1 }), says: /invalid number/ },
  'a chunk that becomes more than it says': {
    toc: toc => {
      const own = entry(toc, 'own')
      own.size = 29_999
    },
    says: /does not tell of "own"/,
  },
  'frames that decompress to more': {
    frames: bytes => bytes,
    toc: toc => void Object.assign(entry(toc, 'data/0'), { endOffset: entry(toc, 'data/1').endOffset }),
    says: /lies where none can be/,
  },
  'no entries': { toc: toc => void Object.assign(toc, { entries: {} }), says: /has no entries/ },
  'entries that are none': { toc: toc => void Object.assign(toc, { entries: [null] }), says: /entry 0/ },
}

for (const [what, lie] of Object.entries(lies)) {
  test(`a layer that says odd things is taken whole: ${what}`, async t => {
    const image = lying(await chunkedImage(t, { ...first, seed: what }), lie)
    const { host } = await hostileServer(t, registryOf({ odd: image }, 'many').serve)
    const store = await partialStore(t)
    t.is(await store.pull(`${host}/odd`), undefined)
    t.regex(refusals.get(layerOf(image).layer.digest) ?? '', lie.says)
    t.true(Buffer.from(await store.file('odd', 'big')).equals(big))
    t.deepEqual(await leftovers(store.directory), [])
    const layers = JSON.parse(await readFile(join(store.directory, 'root/overlay-layers/layers.json'), 'utf8'))
    t.is(layers.length, 1)
    t.false('toc-digest' in layers[0])
  })
}

test('a layer that is not what the config promises is stored neither way', async t => {
  const [image, other] = [await chunkedImage(t, { ...first, seed: t.title }), await chunkedImage(t, second)]
  const manifest = JSON.parse(image.manifest.toString())
  const { config } = JSON.parse(other.manifest.toString())
  const mixed: ServedImage = {
    ...image,
    manifest: Buffer.from(JSON.stringify({ ...manifest, config })),
    blobs: new Map([...image.blobs, ...other.blobs]),
  }
  const { host } = await hostileServer(t, registryOf({ mixed }, 'many').serve)
  const store = await partialStore(t)
  const error = await t.throwsAsync(store.pull(`${host}/mixed`))
  t.true(isImageError(error, 'DIGEST_MISMATCH'), String(error))
  t.regex(refusals.get(layerOf(image).layer.digest) ?? '', /unpacks to sha256:/)
  t.deepEqual(await leftovers(store.directory), [])
  t.deepEqual(await readdir(join(store.directory, 'root/overlay-images')).catch(() => []), [])
})

test('what was changed in the store since is not taken', async t => {
  const images = { first: await chunkedImage(t, first), second: await chunkedImage(t, { ...second, seed: t.title }) }
  const { host } = await hostileServer(t, registryOf(images, 'many').serve)
  const store = await partialStore(t)
  await store.pull(`${host}/first`)
  const root = join(store.directory, 'root')
  const [layer] = JSON.parse(await readFile(join(root, 'overlay-layers/layers.json'), 'utf8'))
  await writeFile(join(root, 'overlay', layer.id, 'diff/data/3'), noise(20_000, 'changed'))
  t.is(await store.pull(`${host}/second`), undefined)
  t.regex(refusals.get(layerOf(images.second).layer.digest) ?? '', /content of "data\/3"/)
  t.true(Buffer.from(await store.file('second', 'data/3')).equals(noise(20_000, '3')))
})

for (const [what, respond] of Object.entries({
  'other ranges': (headers: string) => headers.replace(/bytes [0-9]+-/, 'bytes 0-'),
  'heads without end': (headers: string) => headers.replace('\r\n\r\n', `\r\n${'a: b\r\n'.repeat(100)}\r\n`),
  'one endless line': (headers: string) => headers.replace('\r\n\r\n', `\r\n${'a'.repeat(100_000)}\r\n\r\n`),
  'nothing at all': () => '',
})) {
  test(`a server that sends parts badly: ${what}`, async t => {
    const images = { first: await chunkedImage(t, first), second: await chunkedImage(t, { ...second, seed: what }) }
    const { serve } = registryOf(images, 'many')
    const { host } = await hostileServer(t, (request, response) => {
      if (!request.headers.range?.includes(',')) return serve(request, response)
      const range = /^bytes=([0-9]+)-([0-9]+)/.exec(request.headers.range)
      const head = `--b\r\nContent-Range: bytes ${range?.[1]}-${range?.[2]}/${layerOf(images.second).blob.length}\r\n\r\n`
      response.writeHead(206, { 'content-type': 'multipart/byteranges; boundary="b"' })
      return response.end(respond(head))
    })
    const store = await partialStore(t)
    await store.pull(`${host}/first`)
    t.is(await store.pull(`${host}/second`), undefined)
    t.true(refusals.has(layerOf(images.second).layer.digest))
    t.true(Buffer.from(await store.file('second', 'own')).equals(noise(30_000, 'second')))
  })
}

for (const [links, inodes] of [
  ['true', 1],
  ['false', 2],
] as const) {
  test(`files that are the same in everything are links where that is asked for: ${links}`, async t => {
    const images = { first: await chunkedImage(t, first), second: await chunkedImage(t, second) }
    const { host } = await hostileServer(t, registryOf(images, 'many').serve)
    const store = await partialStore(t, 'true', `use_hard_links = "${links}"\n`)
    for (const name of ['first', 'second']) t.truthy(await store.pull(`${host}/${name}`))
    const root = join(store.directory, 'root')
    const layers: { id: string }[] = JSON.parse(await readFile(join(root, 'overlay-layers/layers.json'), 'utf8'))
    const numbers = (path: string) =>
      Promise.all(layers.map(async ({ id }) => (await stat(join(root, 'overlay', id, 'diff', path))).ino))
    t.is(new Set(await numbers('data/7')).size, inodes)
    t.is(new Set(await numbers('own')).size, 2)
    t.is(new Set(await numbers('big')).size, 2)
    for (const { id } of layers) {
      t.is((await stat(join(root, 'overlay', id, 'diff/data'))).mtimeMs, 0)
      t.deepEqual((await readdir(join(root, 'overlay', id, 'diff/data'))).length, 30)
    }
    for (const [path, content] of Object.entries(second))
      t.true(Buffer.from(await store.file('second', path)).equals(Buffer.from(content)), path)
  })
}

test('skopeo reads the layer that was put together', async t => {
  const image = await chunkedImage(t, first)
  const { host } = await hostileServer(t, registryOf({ first: image }, 'many').serve)
  const store = await partialStore(t)
  t.truthy(await store.pull(`${host}/first`))
  const back = join(await tempDir(t, 'back'), 'image')
  await mkdir(back)
  await output('skopeo', ['--insecure-policy', 'copy', '-q', store.name('first'), `dir:${back}`])
  t.true(Buffer.from(await readImageFile(parseImageName(`dir:${back}`), 'big')).equals(big))
})
