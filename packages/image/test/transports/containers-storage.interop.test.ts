import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  type CopyEvent,
  composeImage,
  containersStorage,
  copyImage,
  type Descriptor,
  type ImageSource,
  insecureAcceptAnything,
  listHeldImages,
  parseImageName,
  parseManifest,
  type Reference,
  readImage,
} from '../../src/index.ts'
import { randomImage, transportSuite } from '../../src/testing/index.ts'

const policy = insecureAcceptAnything
let root = ''
const cleanups: (() => Promise<void>)[] = []

test.before(async () => {
  root = await tempDir({ teardown: cleanup => void cleanups.push(cleanup) }, 'stored')
})
test.after.always(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const storeAt = (directory: string): string => `[overlay@${directory}/root+${directory}/run]`

transportSuite(test.serial, {
  name: 'containers-storage',
  indexes: 'no',
  place: async title => parseImageName(`containers-storage:${storeAt(root)}localhost/suite/${title}:1`),
  transport: containersStorage,
})

interface Stores {
  readonly ours: string
  readonly theirs: string
  readonly layout: string
}

/** One image in a store that we filled and in one that skopeo filled. */
async function fill(t: ExecutionContext): Promise<Stores> {
  const directory = await tempDir(t, 'both')
  const [ours, theirs, layout] = ['ours', 'theirs', 'layout'].map(name => join(directory, name)) as [
    string,
    string,
    string,
  ]
  await copyImage(randomImage({ seed: 'both', layers: 3 }), parseImageName(`oci:${layout}:x`), { policy })
  await copyImage(
    parseImageName(`oci:${layout}:x`),
    parseImageName(`containers-storage:${storeAt(ours)}localhost/both:1`),
    { policy },
  )
  await output('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    `oci:${layout}:x`,
    `containers-storage:${storeAt(theirs)}localhost/both:1`,
  ])
  return { ours, theirs, layout }
}

const records = async (store: string, file: string): Promise<Record<string, unknown>[]> =>
  JSON.parse(await readFile(join(store, 'root', file), 'utf8')) as Record<string, unknown>[]

const without = (record: Record<string, unknown>, ...keys: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))

const isSignature = (name: unknown): boolean => /^=?(signature-|c2lnbmF0dXJl)/.test(String(name))

/** An image's record without the note that it has no signatures, which newer tools do not make any more. */
const withoutNone = (record: object = {}): object =>
  JSON.parse(
    JSON.stringify(record, (key, value) => {
      if (key === 'metadata' || isSignature(key)) return undefined
      return Array.isArray(value) ? value.filter(item => !isSignature(item)) : value
    }),
  )

test.serial('an image is stored as skopeo stores it, bit for bit', async t => {
  const { ours, theirs } = await fill(t)
  const [image] = await records(ours, 'overlay-images/images.json')
  const [other] = await records(theirs, 'overlay-images/images.json')
  t.deepEqual(withoutNone(image), withoutNone(other))
  const directory = `root/overlay-images/${image?.id}`
  const names = (await readdir(join(theirs, directory))).sort()
  const keys = (await readdir(join(ours, directory))).sort()
  t.deepEqual(withoutNone(keys), withoutNone(names))
  for (const name of names) {
    t.deepEqual(await readFile(join(ours, directory, name)), await readFile(join(theirs, directory, name)))
  }
  const layers = (await records(ours, 'overlay-layers/layers.json')).map(layer => without(layer, 'created'))
  t.deepEqual(
    layers,
    (await records(theirs, 'overlay-layers/layers.json')).map(layer => without(layer, 'created')),
  )
})

test.serial('podman lists what we stored; skopeo reads it back', async t => {
  const { ours, layout } = await fill(t)
  const flags = ['--root', join(ours, 'root'), '--runroot', join(ours, 'run'), '--storage-driver', 'overlay']
  const listed = JSON.parse(await output('podman', [...flags, 'images', '--format', 'json'])) as {
    Names: string[]
    Digest: string
  }[]
  t.deepEqual(
    listed.map(({ Names }) => Names),
    [['localhost/both:1']],
  )
  const back = join(await tempDir(t), 'back')
  await output('skopeo', [
    '--insecure-policy',
    'copy',
    '-q',
    `containers-storage:${storeAt(ours)}localhost/both:1`,
    `oci:${back}:x`,
  ])
  const before = await readImage(parseImageName(`oci:${layout}:x`))
  const after = await readImage(parseImageName(`oci:${back}:x`))
  t.deepEqual(after.config, before.config)
})

test.serial('we read what skopeo stored', async t => {
  const { theirs, layout } = await fill(t)
  const archive = join(await tempDir(t), 'image.tar')
  await copyImage(
    parseImageName(`containers-storage:${storeAt(theirs)}localhost/both:1`),
    parseImageName(`docker-archive:${archive}:localhost/both:1`),
    { policy },
  )
  t.deepEqual(
    (await listHeldImages('docker-archive', archive)).map(({ names }) => names),
    [['localhost/both:1']],
  )
  const { config } = await readImage(parseImageName(`docker-archive:${archive}`))
  t.deepEqual(config, (await readImage(parseImageName(`oci:${layout}:x`))).config)
})

test.serial('layers that are there are not moved again', async t => {
  const { ours, layout } = await fill(t)
  const events: string[] = []
  await copyImage(
    parseImageName(`oci:${layout}:x`),
    parseImageName(`containers-storage:${storeAt(ours)}localhost/again:1`),
    {
      policy,
      onProgress: ({ type }) => void events.push(type),
    },
  )
  t.is(events.filter(type => type === 'blob-reused').length, 3)
  const [image] = await records(ours, 'overlay-images/images.json')
  t.deepEqual(image?.names, ['localhost/again:1', 'localhost/both:1'])
})

test.serial('a blob is recorded for a layer only when it has been seen to be one', async t => {
  const directory = await tempDir(t, 'claims')
  const [one, two] = [[{ path: 'one', content: '1' }], [{ path: 'two', content: '2' }]]
  const claims = []
  for (const [name, layers, compression] of [
    ['first', [one], 'gzip'],
    ['second', [two, one], 'zstd'],
    ['third', [two, two, one], 'gzip'],
  ] as const) {
    const at = parseImageName(`dir:${join(directory, name)}`)
    await copyImage(composeImage({ layers }), at, { policy, compression, forceCompression: 'yes' })
    await copyImage(at, parseImageName(`containers-storage:${storeAt(directory)}localhost/${name}:1`), { policy })
    const manifest = parseManifest((await readImage(at)).manifest.bytes)
    const blob = manifest.kind === 'image' ? manifest.layers.at(-1)?.digest : undefined
    const top = (await records(directory, 'overlay-layers/layers.json')).at(-1)
    claims.push([top?.['compressed-diff-digest'] === blob, top?.['compressed-diff-digest'] === top?.['diff-digest']])
  }
  t.deepEqual(claims, [
    [true, false],
    [false, true],
    [true, false],
  ])
})

test.serial('a layer that is to be shared, and goes with another image meanwhile, is moved after all', async t => {
  const directory = await tempDir(t, 'gone')
  const [one, two] = [[{ path: 'one', content: '1' }], [{ path: 'two', content: '2' }]]
  const stored = (name: string) => parseImageName(`containers-storage:${storeAt(directory)}localhost/${name}:1`)
  await copyImage(composeImage({ layers: [one] }), stored('first'), { policy })
  const from = composeImage({ layers: [one, two] })
  const { promise: shared, resolve } = Promise.withResolvers<void>()
  const moved: Descriptor[] = []
  const removing: Reference = {
    ...from,
    openSource: async (...args) => {
      const source = await from.openSource?.(...args)
      if (source === undefined) throw new TypeError('no source')
      const whole = source.blob.bind(source)
      const blob: ImageSource['blob'] = async (...wanted) => {
        if (wanted[0].mediaType.includes('.layer.') && moved.push(wanted[0]) === 1) {
          await shared
          await stored('first').delete?.({})
        }
        return whole(...wanted)
      }
      return Object.assign(source, { blob })
    },
  }
  const events: string[] = []
  const onProgress = (event: CopyEvent): void => {
    events.push(event.type)
    if (event.type === 'blob-reused' && event.kind === 'layer') resolve()
  }
  await copyImage(removing, stored('second'), { policy, onProgress })
  t.true(events.includes('blob-reused'))
  // The second, then both.
  t.is(moved.length, 3)
  const images = await records(directory, 'overlay-images/images.json')
  t.deepEqual(
    images.map(each => each.names),
    [['localhost/second:1']],
  )
  t.is((await records(directory, 'overlay-layers/layers.json')).length, 2)
})

test.serial('a layer is not taken from another that is damaged: it is moved', async t => {
  const directory = await tempDir(t, 'twin')
  const [one, two] = [[{ path: 'one', content: '1' }], [{ path: 'two', content: '2' }]]
  const stored = (name: string) => parseImageName(`containers-storage:${storeAt(directory)}localhost/${name}:1`)
  for (const damage of ['other', 'gone'] as const) {
    await copyImage(composeImage({ layers: [one] }), stored('first'), { policy })
    const [twin] = await records(directory, 'overlay-layers/layers.json')
    const file = join(directory, 'root/overlay', String(twin?.id), 'diff/one')
    if (damage === 'other') await writeFile(file, 'x')
    else await rm(file)
    await copyImage(composeImage({ layers: [two, one] }), stored('second'), { policy })
    const layers = await records(directory, 'overlay-layers/layers.json')
    const top = layers.find(each => each.id !== twin?.id && each['diff-digest'] === twin?.['diff-digest'])
    t.is(await readFile(join(directory, 'root/overlay', String(top?.id), 'diff/one'), 'utf8'), '1')
    for (const name of ['first', 'second']) await stored(name).delete?.({})
  }
})

test.serial('a layer that unpacks to something else than the config promises is not stored', async t => {
  const directory = await tempDir(t, 'promise')
  const layout = join(directory, 'layout')
  await copyImage(randomImage({ seed: 'promise', layers: 1 }), parseImageName(`dir:${layout}`), { policy })
  const manifest = JSON.parse(await readFile(join(layout, 'manifest.json'), 'utf8')) as {
    config: { digest: string; size: number }
  }
  const { digestOf } = await import('../../src/index.ts')
  const config = Buffer.from(
    (await readFile(join(layout, manifest.config.digest.slice(7)), 'utf8')).replace(
      /"diff_ids":\["sha256:..../,
      '"diff_ids":["sha256:0000',
    ),
  )
  await writeFile(join(layout, digestOf(config).slice(7)), config)
  await writeFile(
    join(layout, 'manifest.json'),
    JSON.stringify({ ...manifest, config: { ...manifest.config, digest: digestOf(config), size: config.length } }),
  )
  const to = parseImageName(`containers-storage:${storeAt(directory)}localhost/promise:1`)
  await t.throwsAsync(copyImage(parseImageName(`dir:${layout}`), to, { policy }), { code: 'DIGEST_MISMATCH' })
  t.deepEqual(await records(directory, 'overlay-images/images.json').catch(() => []), [])
  t.deepEqual(await records(directory, 'overlay-layers/layers.json').catch(() => []), [])
})
