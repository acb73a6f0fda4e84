import type { Bytes, FileRange } from '../../call.ts'
import { decompress, peek, sniffCompression } from '../../copy/compression.ts'
import { digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { type ImageFiles, readShort, readSmall, streamRange } from '../../files/range.ts'
import { readImageConfig } from '../../manifest/config.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatImageManifest } from '../../manifest/format.ts'
import { maximumManifestSize } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { type OpenArchive, openArchive } from '../../tar/open.ts'
import type { ImageSource, RawManifest } from '../transport.ts'
import type { ArchiveName } from './archive-name.ts'
import { type ArchivedImage, chooseArchived, readContents } from './contents.ts'

/** Opens an image of an archive, for which a schema 2 manifest over its uncompressed layers is made up. */
export async function openSource(name: ArchiveName): Promise<ImageSource> {
  const archive = await openArchive(name.path)
  try {
    return await read(archive, chooseArchived(await readContents(archive.files), name))
  } catch (error) {
    await archive[Symbol.asyncDispose]()
    throw error
  }
}

interface Blob {
  readonly range: FileRange
  readonly form: 'plain' | 'compressed'
}

async function read(archive: OpenArchive, image: ArchivedImage): Promise<ImageSource> {
  const config = await readSmall(archive.files, image.config, maximumManifestSize)
  const { diffIds } = readImageConfig(config)
  if (diffIds.length !== image.layers.length) {
    throw new ImageError(
      'ARCHIVE_INVALID',
      `Inconsistent layer count: ${image.layers.length} in manifest, ${diffIds.length} in config`,
    )
  }
  const blobs = new Map<string, Blob>()
  const layers: Descriptor[] = []
  for (const [index, digest] of diffIds.entries()) {
    const blob = await findLayer(archive.files, image.layers[index] ?? '')
    blobs.set(digest, blob)
    const size = blob.form === 'plain' ? blob.range.length : await plainSize(blob.range)
    // The real tools call these layers compressed whatever they are; only so do images have the same digest everywhere.
    layers.push({ mediaType: mediaTypes.dockerLayerGzip, digest, size })
  }
  const described = { mediaType: mediaTypes.dockerConfig, digest: digestOf(config), size: config.length }
  const manifest = formatImageManifest({
    kind: 'image',
    mediaType: mediaTypes.dockerManifest,
    config: described,
    layers,
  })
  return new ArchiveSource(archive, { manifest, config, configDigest: described.digest, blobs })
}

async function findLayer(files: ImageFiles, name: string): Promise<Blob> {
  const range = await files.find(name)
  if (range === undefined) throw new ImageError('ARCHIVE_INVALID', `the archive has no layer ${JSON.stringify(name)}`)
  const head = readShort({ ...range, length: Math.min(range.length, 8) })
  return { range, form: sniffCompression(head) === 'none' ? 'plain' : 'compressed' }
}

async function plainSize(range: FileRange): Promise<number> {
  let size = 0
  for await (const chunk of plain(range)) size += chunk.length
  return size
}

async function* plain(range: FileRange): Bytes {
  const { head, bytes } = await peek(streamRange(range))
  yield* decompress(bytes, sniffCompression(head))
}

interface Contents {
  readonly manifest: Uint8Array
  readonly config: Uint8Array
  readonly configDigest: string
  readonly blobs: ReadonlyMap<string, Blob>
}

class ArchiveSource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #archive: OpenArchive
  readonly #contents: Contents

  constructor(archive: OpenArchive, contents: Contents) {
    this.#archive = archive
    this.#contents = contents
  }

  async manifest(): Promise<RawManifest> {
    return { bytes: this.#contents.manifest, mediaType: mediaTypes.dockerManifest }
  }

  async blob({ digest }: Descriptor, from: number): Promise<Bytes> {
    const { config, configDigest, blobs } = this.#contents
    if (digest === configDigest) return part(config, from)
    const blob = blobs.get(digest)
    if (blob === undefined)
      throw new ImageError('BLOB_UNKNOWN', `the archive has no blob ${digest}`, { subject: digest })
    if (blob.form === 'plain') return streamRange(blob.range, from)
    if (from > 0) throw new ImageError('BLOB_UNKNOWN', `blob ${digest} cannot be read from the middle`)
    return plain(blob.range)
  }

  async blobFile({ digest }: Descriptor): Promise<FileRange | undefined> {
    const blob = this.#contents.blobs.get(digest)
    return blob?.form === 'plain' ? blob.range : undefined
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#archive[Symbol.asyncDispose]())
  }
}

async function* part(bytes: Uint8Array, from: number): Bytes {
  yield bytes.subarray(from)
}
