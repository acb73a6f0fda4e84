import type { Bytes, FileRange } from '../../call.ts'
import { checkManifest } from '../../copy/verify.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { type ImageFiles, readSmall, streamRange } from '../../files/range.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { maximumManifestSize } from '../../manifest/manifest.ts'
import type { ImageSource, RawManifest } from '../transport.ts'
import { blobPath, chooseImage, layoutIndexAt } from './layout.ts'
import type { LayoutName } from './layout-name.ts'

/** Opens an image of a layout, wherever the layout's files lie. */
export async function openLayout(
  files: ImageFiles,
  name: LayoutName,
  close: () => Promise<void>,
): Promise<ImageSource> {
  try {
    return new LayoutSource(files, chooseImage(await layoutIndexAt(name.path, files), name), close)
  } catch (error) {
    await close()
    throw error
  }
}

class LayoutSource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #files: ImageFiles
  readonly #image: Descriptor
  readonly #close: () => Promise<void>

  constructor(files: ImageFiles, image: Descriptor, close: () => Promise<void>) {
    this.#files = files
    this.#image = image
    this.#close = close
  }

  async manifest(instance?: Digest): Promise<RawManifest> {
    const digest = instance ?? this.#image.digest
    const bytes = await readSmall(this.#files, blobPath(digest), maximumManifestSize)
    const mediaType = instance === undefined ? this.#image.mediaType : ''
    checkManifest(bytes, mediaType, digest)
    return { bytes, mediaType }
  }

  async blob(blob: Descriptor, from: number): Promise<Bytes> {
    const range = await this.blobFile(blob)
    if (range === undefined)
      throw new ImageError('BLOB_UNKNOWN', `the layout has no blob ${blob.digest}`, { subject: blob.digest })
    return streamRange(range, from)
  }

  blobFile(blob: Descriptor): Promise<FileRange | undefined> {
    return this.#files.find(blobPath(blob.digest))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}
