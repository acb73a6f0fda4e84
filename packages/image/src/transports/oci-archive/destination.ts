import type { Bytes } from '../../call.ts'
import { counting, hashing, type Seen } from '../../copy/verify.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatIndex } from '../../manifest/format.ts'
import { TarWriter } from '../../tar/writer.ts'
import { layoutWants, once } from '../oci/destination.ts'
import { blobPath, indexFile, layoutFile, layoutVersion } from '../oci/layout.ts'
import type { LayoutName } from '../oci/layout-name.ts'
import { emptyIndex, withImage } from '../oci/update-index.ts'
import type { DestinationWants, ImageDestination, LayerToPut, RawManifest } from '../transport.ts'

/** Writes an image straight into a new tar. @throws ImageError DESTINATION_REFUSED */
export async function openDestination(name: LayoutName): Promise<ImageDestination> {
  if (name.index !== undefined)
    throw new ImageError('DESTINATION_REFUSED', 'an index number cannot be written to', { subject: name.path })
  return new ArchiveDestination(name, await TarWriter.create(name.path))
}

class ArchiveDestination implements ImageDestination {
  readonly wants: DestinationWants = { ...layoutWants, parallelBlobs: 1 }
  readonly #name: LayoutName
  readonly #tar: TarWriter
  readonly #stored = new Map<Digest, number>()
  #image: Descriptor | undefined

  constructor(name: LayoutName, tar: TarWriter) {
    this.#name = name
    this.#tar = tar
  }

  async findLayer({ digest, mediaType }: LayerToPut): Promise<Descriptor | undefined> {
    const size = digest === undefined ? undefined : this.#stored.get(digest)
    return digest === undefined || size === undefined ? undefined : { mediaType, digest, size }
  }

  async putLayer(layer: LayerToPut, _index: number, bytes: Bytes): Promise<Descriptor> {
    return { mediaType: layer.mediaType, ...(await this.#store(bytes, layer.digest)) }
  }

  async putConfig(config: Descriptor, bytes: Uint8Array): Promise<void> {
    if (!this.#stored.has(config.digest)) await this.#store(once(bytes), config.digest)
  }

  async putManifest({ bytes, mediaType }: RawManifest, instance?: Digest): Promise<void> {
    const digest = instance ?? digestOf(bytes)
    if (!this.#stored.has(digest)) await this.#store(once(bytes), digest)
    if (instance === undefined) this.#image = { mediaType, digest, size: bytes.length }
  }

  async #store(bytes: Bytes, known: Digest | undefined): Promise<{ digest: Digest; size: number }> {
    const seen: Seen = { digest: known, size: 0 }
    const body = known === undefined ? hashing(bytes, seen) : counting(bytes, seen)
    const digest = (): Digest => {
      if (seen.digest === undefined) throw new TypeError('the blob has not been read')
      return seen.digest
    }
    await this.#tar.add(body, () => blobPath(digest()))
    this.#stored.set(digest(), seen.size)
    return { digest: digest(), size: seen.size }
  }

  async commit(): Promise<void> {
    if (this.#image === undefined) throw new TypeError('commit comes after putManifest')
    const index = formatIndex(withImage(emptyIndex, this.#image, this.#name.image))
    await this.#tar.add(once(Buffer.from(layoutVersion)), () => layoutFile)
    await this.#tar.add(once(index), () => indexFile)
    await this.#tar.finish()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#tar[Symbol.asyncDispose]()
  }
}
