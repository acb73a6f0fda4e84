import type { Bytes, Call } from '../../call.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { withCompression } from '../../manifest/layer-type.ts'
import { guessManifestType } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { deserializeSignature } from '../../signature/serialize.ts'
import type { Signature } from '../../signature/signature.ts'
import type { ImageSource, RawManifest } from '../transport.ts'
import { findImage, signatureKey } from './find-image.ts'
import type { OpenedStore, StoredName } from './reference.ts'
import type { DiffCall, ImageRecordPort, LayerPort } from './store-port.ts'
import { Turns } from './turns.ts'

/** Layers of this many bytes are read, compressed and sent so many at once: more cost memory and go no faster. */
const large = 8 << 20
const largeAtOnce = 3

/** @throws ImageError IMAGE_UNKNOWN */
export async function openSource(opened: OpenedStore, named: StoredName): Promise<ImageSource> {
  try {
    return new StorageSource(opened, named, await findImage(opened.store, named))
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** Removes the image and the layers nobody else uses. */
export async function deleteStored(opened: OpenedStore, named: StoredName): Promise<void> {
  try {
    await opened.store.images.remove((await findImage(opened.store, named)).id)
  } finally {
    await opened.close()
  }
}

class StorageSource implements ImageSource {
  /** While one is ended, and another asked for, large ones are sent. */
  readonly parallelBlobs = 6
  readonly #turns = new Turns(largeAtOnce)
  readonly #opened: OpenedStore
  readonly #named: StoredName
  readonly #image: ImageRecordPort
  #chain: Promise<readonly LayerPort[]> | undefined

  constructor(opened: OpenedStore, named: StoredName, image: ImageRecordPort) {
    this.#opened = opened
    this.#named = named
    this.#image = image
  }

  async manifest(instance?: Digest): Promise<RawManifest> {
    const digest = instance ?? this.#named.name?.digest
    const exact = digest !== undefined && this.#has(`manifest-${digest}`) ? `manifest-${digest}` : 'manifest'
    const bytes = await this.#bigData(exact)
    if (instance !== undefined && exact === 'manifest' && digestOf(bytes) !== instance) {
      throw new ImageError('MANIFEST_UNKNOWN', `image ${this.#image.id} has no manifest ${instance}`)
    }
    return { bytes, mediaType: guessManifestType(bytes) }
  }

  async blob(blob: Descriptor, from: number): Promise<Bytes> {
    return this.#blob(blob, from)
  }

  async lentBlob(blob: Descriptor, call?: Call): Promise<Bytes | undefined> {
    if (this.#has(blob.digest)) return undefined
    const bytes = await this.#blob(blob, 0, { pieces: 'lent', verify: 'digest' })
    return blob.size < large ? bytes : this.#inTurn(bytes, call?.signal)
  }

  async *#inTurn(bytes: Bytes, signal: AbortSignal | undefined): Bytes {
    using _turn = await this.#turns.take(signal)
    yield* bytes
  }

  async #blob(blob: Descriptor, from: number, call?: DiffCall): Promise<Bytes> {
    if (this.#has(blob.digest)) {
      const bytes = await this.#bigData(blob.digest)
      return (async function* () {
        yield bytes.subarray(from)
      })()
    }
    const layer = (await this.#layers()).find(({ diffId }) => diffId === blob.digest)
    if (layer === undefined) throw new ImageError('BLOB_UNKNOWN', `image ${this.#image.id} has no blob ${blob.digest}`)
    return skip(this.#opened.store.layers.diff(layer.id, undefined, call), from)
  }

  /** Layers come as the uncompressed tars they were made from. */
  async layers(): Promise<readonly Descriptor[]> {
    const { mediaType } = await this.manifest()
    const type = mediaType === mediaTypes.dockerManifest ? mediaTypes.dockerLayer : mediaTypes.ociLayer
    const chain = await this.#layers()
    if (chain.some(({ diffSize = 0 }) => diffSize >= large)) await this.#opened.store.layers.expectWork(1)
    return chain.map(({ id, diffId, diffSize }) => {
      if (diffId === undefined) throw new ImageError('IMAGE_DAMAGED', `layer ${id} has no recorded digest`)
      return { mediaType: type, digest: diffId, size: diffSize ?? -1 }
    })
  }

  /** The blob that a layer was once pulled as. */
  async otherForms(layer: Descriptor): Promise<readonly Descriptor[]> {
    const found = (await this.#layers()).find(({ diffId }) => diffId === layer.digest)
    const { compressedDigest: digest, compressedSize: size = -1, compression } = found ?? {}
    if (digest === undefined || (compression !== 'gzip' && compression !== 'zstd')) return []
    return [{ mediaType: withCompression(layer.mediaType, compression), digest, size }]
  }

  async signatures(instance?: Digest): Promise<readonly Signature[]> {
    const sizes = JSON.parse(this.#image.metadata || '{}') as SignatureSizes
    const named = instance === undefined ? undefined : sizes['signatures-sizes']?.[instance]
    const key = named === undefined || instance === undefined ? 'signatures' : signatureKey(instance)
    const lengths = named ?? sizes['signature-sizes'] ?? []
    if (lengths.length === 0 || !this.#has(key)) return []
    const all = await this.#bigData(key)
    let at = 0
    return lengths.map(length => {
      const bytes = all.subarray(at, at + length)
      at += length
      return deserializeSignature(bytes)
    })
  }

  #has(key: string): boolean {
    return this.#image.bigDataNames.includes(key)
  }

  async #bigData(key: string): Promise<Uint8Array> {
    return this.#opened.store.images.bigData(this.#image.id, key)
  }

  #layers(): Promise<readonly LayerPort[]> {
    this.#chain ??= this.#readChain()
    return this.#chain
  }

  async #readChain(): Promise<readonly LayerPort[]> {
    const chain: LayerPort[] = []
    for (let id = this.#image.layer; id !== undefined && id !== ''; ) {
      const layer = await this.#opened.store.layers.get(id)
      if (layer === undefined) throw new ImageError('IMAGE_DAMAGED', `image ${this.#image.id} lacks its layer ${id}`)
      chain.unshift(layer)
      id = layer.parent
    }
    return chain
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.close()
  }
}

interface SignatureSizes {
  readonly 'signature-sizes'?: readonly number[]
  readonly 'signatures-sizes'?: Readonly<Record<string, readonly number[]>>
}

async function* skip(bytes: Bytes, count: number): Bytes {
  let left = count
  for await (const chunk of bytes) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk
    left = Math.max(0, left - chunk.length)
  }
}
