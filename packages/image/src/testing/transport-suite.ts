import type { Bytes } from '../call.ts'
import { composeImage, composeIndex } from '../compose/reference.ts'
import { decompress, peek, sniffCompression } from '../copy/compression.ts'
import { copyImage } from '../copy/copy.ts'
import type { CopyEvent } from '../copy/events.ts'
import { hashing, type Seen } from '../copy/verify.ts'
import { type Digest, digestOf } from '../digest.ts'
import { isImageError } from '../errors.ts'
import { readImageConfig } from '../manifest/config.ts'
import { type ImageManifest, parseManifest } from '../manifest/manifest.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import { readImage, readManifest } from '../read-image.ts'
import { insecureAcceptAnything } from '../signature/policy.ts'
import type { Signature } from '../signature/signature.ts'
import type { AccessOptions, ImageSource, Reference, Transport } from '../transports/transport.ts'
import { randomImage } from './random-image.ts'

/** The assertions the suite uses; AVA's and many others' test context fits. */
export interface SuiteAssertions {
  is<T>(actual: T, expected: T, message?: string): unknown
  deepEqual<T>(actual: T, expected: T, message?: string): unknown
  true(actual: boolean, message?: string): unknown
  throwsAsync(run: () => Promise<unknown>): Promise<unknown>
}

/** Registers one test, as AVA's `test` does. */
export type SuiteTest = (title: string, run: (t: SuiteAssertions) => Promise<void>) => void

/** A transport to be tried, and how to get at fresh places of it. */
export interface TransportUnderTest {
  readonly name: string
  /** A new, empty place; `name` differs for every test. */
  place(name: string): Promise<Reference>
  readonly access?: AccessOptions
  readonly indexes: 'yes' | 'no'
  /** The transport itself: what it makes of its places' names is tried too. */
  readonly transport?: Transport
}

/**
 * What every transport that can be written and read must do: give back the image that was put into it, whole or not
 * at all, from any offset, and stop when told.
 */
export function transportSuite(test: SuiteTest, transport: TransportUnderTest): void {
  const copy = (from: Reference, to: Reference, more = {}) =>
    copyImage(from, to, { policy: insecureAcceptAnything, ...access(transport), ...more })

  test(`${transport.name}: gives back the image it was given`, async t => {
    const image = randomImage({ seed: transport.name })
    const place = await transport.place('round-trip')
    const written = await copy(image, place)
    const read = await readImage(place, reading(transport))
    const original = await readImage(image)
    t.is(digestOf(read.config), digestOf(original.config))
    t.is(read.manifest.digest, written.digest)
    t.deepEqual(await unpackedDigests(place, transport), [...readImageConfig(original.config).diffIds])
  })

  test(`${transport.name}: an image copied twice is the same image, or stays the first`, async t => {
    const place = await transport.place('twice')
    const first = await copy(randomImage({ seed: 'twice' }), place)
    const second = await copy(randomImage({ seed: 'twice' }), place).catch((error: unknown) => {
      t.true(isImageError(error, 'DESTINATION_REFUSED'))
      return readManifest(place, reading(transport))
    })
    t.is(second.digest, first.digest)
  })

  test(`${transport.name}: a blob can be read from the middle`, async t => {
    const place = await transport.place('offset')
    await copy(randomImage({ seed: 'offset', layers: 1 }), place)
    const { config } = await readImage(place, reading(transport))
    const rest = await readBlob(place, transport, 7)
    t.deepEqual(rest, Buffer.from(config.subarray(7)))
  })

  test(`${transport.name}: a damaged layer leaves nothing to be read`, async t => {
    const place = await transport.place('damaged')
    await t.throwsAsync(() => copy(damaged(randomImage({ seed: 'damaged' })), place))
    await t.throwsAsync(() => readManifest(place, reading(transport)))
  })

  test(`${transport.name}: an aborted copy leaves nothing to be read`, async t => {
    const place = await transport.place('aborted')
    const stop = new AbortController()
    const onProgress = (event: { readonly type: string }): void => {
      if (event.type === 'blob-start') stop.abort(new Error('enough'))
    }
    await t.throwsAsync(() => copy(randomImage({ seed: 'aborted' }), place, { signal: stop.signal, onProgress }))
    await t.throwsAsync(() => readManifest(place, reading(transport)))
  })

  test(`${transport.name}: an abort that comes before the copy is told with its reason`, async t => {
    const place = await transport.place('too-late')
    const reason = new Error('never mind')
    const error = await t.throwsAsync(() =>
      copy(randomImage({ seed: 'too-late' }), place, { signal: AbortSignal.abort(reason) }),
    )
    t.is(error, reason)
    await t.throwsAsync(() => readManifest(place, reading(transport)))
  })

  test(`${transport.name}: an empty place is an error of this package`, async t => {
    const place = await transport.place('empty')
    t.true(isImageError(await t.throwsAsync(() => readManifest(place, reading(transport)))))
  })

  test(`${transport.name}: no layers, one layer twice, a layer larger than any buffer`, async t => {
    const twice = [{ path: 'same', content: 'same' }]
    const images = {
      none: [],
      twice: [twice, twice],
      large: [[{ path: 'large', content: Buffer.alloc(3_000_001, 7) }]],
    }
    for (const [name, layers] of Object.entries(images)) {
      const image = composeImage({ layers, config: { Labels: { name } } })
      const place = await transport.place(`shape-${name}`)
      await copy(image, place)
      const { config } = await readImage(image)
      t.is(digestOf((await readImage(place, reading(transport))).config), digestOf(config))
      t.deepEqual(await unpackedDigests(place, transport), [...readImageConfig(config).diffIds])
    }
  })

  test(`${transport.name}: what is not there is an error of this package`, async t => {
    const place = await transport.place('missing')
    await copy(randomImage({ seed: 'missing' }), place)
    await using source = await open(place, transport)
    await source.manifest()
    const blob = { mediaType: mediaTypes.ociLayer, digest: digestOf('nothing'), size: 7 }
    t.true(isImageError(await t.throwsAsync(async () => drain(await source.blob(blob, 0)))))
    if (transport.indexes === 'yes') t.true(isImageError(await t.throwsAsync(() => source.manifest(blob.digest))))
  })

  test(`${transport.name}: signatures are kept to the byte, or refused before anything is written`, async t => {
    // An OpenPGP message begins with such a byte, and nothing else is told apart by it.
    const made = ['one', 'two'].map(text => `\u00a3${text}`)
    const signatures = made.map((text): Signature => ({ kind: 'simple', bytes: Buffer.from(text, 'latin1') }))
    const place = await transport.place('signed')
    const image = signed(randomImage({ seed: 'signed' }), signatures)
    const outcome = await copy(image, place).catch((error: unknown) => error)
    if (isImageError(outcome)) {
      t.is(outcome.code, 'COPY_UNSUPPORTED')
      await t.throwsAsync(() => readManifest(place, reading(transport)))
      return
    }
    await using source = await open(place, transport)
    await source.manifest()
    const kept = (await source.signatures?.()) ?? []
    t.deepEqual(
      kept.map(one => ('bytes' in one ? Buffer.from(one.bytes).toString('latin1') : one.kind)),
      made,
    )
  })

  test(`${transport.name}: an image that is taken away is gone`, async t => {
    const place = await transport.place('deleted')
    if (place.delete === undefined) return void t.true(true)
    await copy(randomImage({ seed: 'deleted' }), place)
    await place.delete(transport.access ?? {})
    t.true(isImageError(await t.throwsAsync(() => readManifest(place, reading(transport)))))
  })

  test(`${transport.name}: every layer is told from its start to its end`, async t => {
    const events: CopyEvent[] = []
    const place = await transport.place('events')
    await copy(randomImage({ seed: 'events', layers: 3 }), place, {
      onProgress: (event: CopyEvent) => void events.push(event),
    })
    const told = (type: CopyEvent['type']) =>
      events.filter(event => event.type === type && (!('kind' in event) || event.kind === 'layer'))
    t.is(told('blob-start').length, 3)
    t.is(told('blob-done').length, 3)
    t.is(events.at(-1)?.type, 'stored')
  })

  const { transport: itself } = transport
  if (itself !== undefined) {
    test(`${transport.name}: a name that is written is read as the same name`, async t => {
      const place = await transport.place('name')
      t.is(place.transport, itself.name)
      const again = itself.parse(place.text)
      t.is(again.text, place.text)
      t.deepEqual([...again.policyScopes], [...place.policyScopes])
      t.deepEqual(again.dockerReference, place.dockerReference)
    })
  }

  if (transport.indexes === 'no') return

  test(`${transport.name}: keeps an index with all its images`, async t => {
    const platforms = ['amd64', 'arm64'].map(architecture => ({ os: 'linux', architecture }))
    const index = composeIndex(
      platforms.map(platform => ({ image: randomImage({ seed: platform.architecture, platform }), platform })),
    )
    const place = await transport.place('index')
    const written = await copy(index, place, { images: 'all' })
    const read = await readManifest(place, reading(transport))
    t.is(read.digest, written.digest)
    for (const platform of platforms) {
      const { config } = await readImage(place, { ...reading(transport), platform })
      t.is(readImageConfig(config).architecture, platform.architecture)
    }
  })
}

const access = ({ access: options }: TransportUnderTest) =>
  options === undefined ? {} : { source: options, destination: options }
const reading = ({ access: options }: TransportUnderTest) => (options === undefined ? {} : { access: options })

async function open(place: Reference, transport: TransportUnderTest) {
  if (place.openSource === undefined) throw new TypeError(`${transport.name} cannot be read`)
  return place.openSource(transport.access ?? {})
}

async function manifestOf(source: ImageSource): Promise<ImageManifest> {
  const raw = await source.manifest()
  const manifest = parseManifest(raw.bytes, raw.mediaType)
  if (manifest.kind !== 'image') throw new TypeError('not an image')
  return manifest
}

async function unpackedDigests(place: Reference, transport: TransportUnderTest): Promise<Digest[]> {
  await using source = await open(place, transport)
  const manifest = await manifestOf(source)
  const digests: Digest[] = []
  for (const layer of (await source.layers?.()) ?? manifest.layers) {
    const { head, bytes } = await peek(await source.blob(layer, 0))
    const seen: Seen = { digest: undefined, size: 0 }
    for await (const _ of hashing(decompress(bytes, sniffCompression(head)), seen));
    if (seen.digest !== undefined) digests.push(seen.digest)
  }
  return digests
}

async function readBlob(place: Reference, transport: TransportUnderTest, from: number): Promise<Buffer> {
  await using source = await open(place, transport)
  const { config } = await manifestOf(source)
  return Buffer.concat(await Array.fromAsync(await source.blob(config, from)))
}

async function drain(bytes: Bytes): Promise<void> {
  for await (const _ of bytes);
}

/** The same image, read in another way. */
function readAs(image: Reference, change: (source: ImageSource) => Partial<ImageSource>): Reference {
  return {
    ...image,
    openSource: async options => {
      if (image.openSource === undefined) throw new TypeError('the image cannot be read')
      const source = await image.openSource(options)
      return {
        parallelBlobs: source.parallelBlobs,
        manifest: instance => source.manifest(instance),
        blob: (blob, from) => source.blob(blob, from),
        ...change(source),
        [Symbol.asyncDispose]: async () => source[Symbol.asyncDispose](),
      }
    },
  }
}

const signed = (image: Reference, signatures: readonly Signature[]): Reference =>
  readAs(image, () => ({ signatures: async () => signatures }))

/** The same image, but the last byte of every layer is another. */
const damaged = (image: Reference): Reference =>
  readAs(image, source => ({
    blob: async (blob, from) =>
      blob.mediaType.includes('layer') ? flipped(await source.blob(blob, from)) : source.blob(blob, from),
  }))

async function* flipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    const copy = Buffer.from(chunk)
    copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0xff
    yield copy
  }
}
