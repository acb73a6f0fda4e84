import type { Call } from '../call.ts'
import { withRightBytes } from '../copy/fresh.ts'
import { verified } from '../copy/verify.ts'
import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { openReadSource, type ReadImage, type ReadOptions, readImageFrom } from '../read-image.ts'
import type { ImageSource, Reference } from '../transports/transport.ts'
import { cleanPath, extractFile, indexLayer, type LayerEntry, type LayerIndex, tooLarge } from './layer-index.ts'
import { lookUp } from './look-up.ts'

/** A file as an image's layers, laid over one another, show it. */
export interface FoundFile {
  /** From the root, without a leading slash, links followed. */
  readonly path: string
  readonly kind: LayerEntry['kind']
  /** In bytes. */
  readonly size: number
  /** The layer that has it. */
  readonly layer: Digest
}

/** The file system of an image, read where the image lies. Layers are fetched when a path needs them, and not kept. */
export interface ImageView extends AsyncDisposable {
  readonly image: ReadImage
  /** Undefined when the image has no such path; symbolic and hard links are followed. */
  find(path: string): Promise<FoundFile | undefined>
  /** The bytes of a file, at most `limit` (64 MiB). @throws ImageError FILE_UNKNOWN, SIZE_EXCEEDED, DIGEST_MISMATCH */
  read(path: string, limit?: number): Promise<Uint8Array>
}

const usualLimit = 64 * 1024 * 1024
const maximumLinks = 40

/** Opens an image's files for reading, without pulling it. @throws ImageError as reading an image does */
export async function openImageView(reference: Reference, options: ReadOptions = {}): Promise<ImageView> {
  const source = await openReadSource(reference, options)
  try {
    return new SourceView(source, await readImageFrom(source, reference, options), options)
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
}

class SourceView implements ImageView {
  readonly image: ReadImage
  readonly #source: ImageSource
  readonly #call: Call
  readonly #indexes = new Map<Digest, Promise<LayerIndex>>()

  constructor(source: ImageSource, image: ReadImage, { signal }: ReadOptions) {
    this.#source = source
    this.image = image
    this.#call = signal === undefined ? {} : { signal }
  }

  async find(path: string): Promise<FoundFile | undefined> {
    return (await this.#locate(path))?.file
  }

  async read(path: string, limit = usualLimit): Promise<Uint8Array> {
    const found = await this.#locate(path)
    if (found === undefined) throw unknown(path, 'the image has no such file')
    const { file, layer } = found
    if (file.kind !== 'file') throw unknown(path, file.kind === 'directory' ? 'it is a directory' : 'it is no file')
    if (file.size > limit) throw tooLarge(path, limit)
    const captured = (await this.#index(layer, file.path)).captured.get(file.path)
    return captured ?? this.#readThrough(layer, bytes => extractFile(bytes, file.path, limit))
  }

  /** From the top layer down; a link begins anew. */
  async #locate(path: string): Promise<{ file: FoundFile; layer: Descriptor } | undefined> {
    const layers = await this.#layers()
    let at = cleanPath(path)
    search: for (let links = 0; links < maximumLinks; links++) {
      for (const layer of layers.toReversed()) {
        const verdict = lookUp(await this.#index(layer, at), at)
        if (verdict.kind === 'below') continue
        if (verdict.kind === 'absent') return undefined
        if (verdict.kind === 'found') {
          const { kind, size } = verdict.entry
          return { file: { path: at, kind, size, layer: layer.digest }, layer }
        }
        at = verdict.path
        continue search
      }
      return undefined
    }
    throw unknown(path, 'too many links')
  }

  async #layers(): Promise<readonly Descriptor[]> {
    const { index, manifest, layers } = this.image
    return (await this.#source.layers?.(index === undefined ? undefined : manifest.digest)) ?? layers
  }

  #index(layer: Descriptor, wanted: string): Promise<LayerIndex> {
    const known = this.#indexes.get(layer.digest)
    if (known !== undefined) return known
    const index = this.#readThrough(layer, bytes => indexLayer(bytes, wanted))
    this.#indexes.set(layer.digest, index)
    index.catch(() => this.#indexes.delete(layer.digest))
    return index
  }

  #readThrough<T>(layer: Descriptor, use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T> {
    return withRightBytes(this.#source, layer, async () =>
      use(verified(await this.#source.blob(layer, 0, this.#call), layer)),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]()
  }
}

const unknown = (path: string, why: string): ImageError =>
  new ImageError('FILE_UNKNOWN', `reading ${JSON.stringify(path)}: ${why}`, { subject: path })

/** One file of an image that stays where it is: `/etc/os-release` of an image in a registry, say. */
export async function readImageFile(
  reference: Reference,
  path: string,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  await using view = await openImageView(reference, options)
  return await view.read(path)
}
