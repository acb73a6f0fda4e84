import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '../../call.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { BlobWriter } from '../../files/blob-writer.ts'
import { directoryFiles } from '../../files/directory.ts'
import { makeDirectory } from '../../files/make-directory.ts'
import type { ImageFiles } from '../../files/range.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatIndex } from '../../manifest/format.ts'
import type { IndexManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import type { DestinationWants, ImageDestination, LayerToPut, RawManifest } from '../transport.ts'
import { blobPath, indexFile, layoutFile, layoutVersion, readLayoutIndex } from './layout.ts'
import type { LayoutName } from './layout-name.ts'
import { emptyIndex, withImage } from './update-index.ts'

export const layoutWants: DestinationWants = {
  manifestTypes: [mediaTypes.ociManifest, mediaTypes.ociIndex],
  layers: 'compressed',
  os: 'any',
  pieces: 'lent',
  parallelBlobs: 4,
  indexes: 'yes',
}

/** Writes an image into a layout that may hold others. @throws ImageError DESTINATION_REFUSED */
export async function openDestination(name: LayoutName): Promise<ImageDestination> {
  if (name.index !== undefined)
    throw new ImageError('DESTINATION_REFUSED', 'an index number cannot be written to', { subject: name.path })
  if (name.path === '')
    throw new ImageError('DESTINATION_REFUSED', 'mkdir : no such file or directory', {
      hint: 'oci:. is the current directory',
    })
  const files = directoryFiles(name.path)
  await currentIndex(files)
  return new LayoutDestination(name, files)
}

const currentIndex = async (files: ImageFiles): Promise<IndexManifest> =>
  (await files.find(layoutFile)) === undefined ? emptyIndex : readLayoutIndex(files)

class LayoutDestination implements ImageDestination {
  readonly wants = layoutWants
  readonly #name: LayoutName
  readonly #files: ImageFiles
  readonly #blobs: BlobWriter
  #image: Descriptor | undefined

  constructor(name: LayoutName, files: ImageFiles) {
    this.#name = name
    this.#files = files
    this.#blobs = new BlobWriter(name.path, blobPath)
  }

  async findLayer({ digest, mediaType, size }: LayerToPut): Promise<Descriptor | undefined> {
    const found = digest === undefined ? undefined : await this.#files.find(blobPath(digest))
    if (found === undefined || digest === undefined || (size >= 0 && found.length !== size)) return undefined
    return { mediaType, digest, size: found.length }
  }

  async putLayer(layer: LayerToPut, _index: number, bytes: Bytes): Promise<Descriptor> {
    return { mediaType: layer.mediaType, ...(await this.#blobs.write(bytes, layer.digest)) }
  }

  async putConfig(config: Descriptor, bytes: Uint8Array): Promise<void> {
    await this.#store(bytes, config.digest)
  }

  async putManifest({ bytes, mediaType }: RawManifest, instance?: Digest): Promise<void> {
    const digest = instance ?? digestOf(bytes)
    await this.#store(bytes, digest)
    if (instance === undefined) this.#image = { mediaType, digest, size: bytes.length }
  }

  async #store(bytes: Uint8Array, digest: Digest): Promise<void> {
    if ((await this.#files.find(blobPath(digest)))?.length === bytes.length) return
    await this.#blobs.write(once(bytes), digest)
  }

  async commit(): Promise<void> {
    if (this.#image === undefined) throw new TypeError('commit comes after putManifest')
    // Others may have written into the layout meanwhile.
    const index = withImage(await currentIndex(this.#files), this.#image, this.#name.image)
    await makeDirectory(this.#name.path)
    await replace(join(this.#name.path, layoutFile), layoutVersion)
    await replace(join(this.#name.path, indexFile), formatIndex(index))
    this.#blobs.keep()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#blobs.undo()
  }
}

export async function* once(bytes: Uint8Array): Bytes {
  yield bytes
}

export async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, content)
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
