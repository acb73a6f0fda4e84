import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Bytes, FileRange } from '../../call.ts'
import { decompress, peek, sniffCompression } from '../../copy/compression.ts'
import { hashing, type Seen } from '../../copy/verify.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { fileProblem } from '../../files/problem.ts'
import { streamRange } from '../../files/range.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatImageManifest } from '../../manifest/format.ts'
import { type LayerCompression, withCompression } from '../../manifest/layer-type.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { hostPlatform } from '../../manifest/platform.ts'
import type { ImageSource, RawManifest } from '../transport.ts'
import type { TarballConfig } from './reference.ts'

interface Layer {
  readonly range: FileRange
  readonly descriptor: Descriptor
  readonly diffId: Digest
}

/** Reads every file once to learn its digests. */
export async function openSource(files: readonly string[], config: TarballConfig): Promise<ImageSource> {
  const spool = files.includes('-') ? await mkdtemp(join(tmpdir(), 'image-tarball-')) : undefined
  const dispose = async (): Promise<void> => {
    if (spool !== undefined) await rm(spool, { recursive: true, force: true })
  }
  try {
    const paths = await Promise.all(files.map(file => (file === '-' && spool !== undefined ? saveInput(spool) : file)))
    return new TarballSource(await Promise.all(paths.map(readLayer)), config, dispose)
  } catch (error) {
    await dispose()
    throw error
  }
}

async function saveInput(directory: string): Promise<string> {
  const path = join(directory, 'stdin')
  await pipeline(process.stdin, createWriteStream(path))
  return path
}

async function readLayer(path: string): Promise<Layer> {
  const { size } = await stat(path).catch((cause: Error) => {
    throw new ImageError(
      'SOURCE_UNREADABLE',
      `error opening ${JSON.stringify(path)} for reading: ${fileProblem(cause)}`,
      {
        cause,
      },
    )
  })
  const whole: Seen = { digest: undefined, size: 0 }
  const inside: Seen = { digest: undefined, size: 0 }
  const { head, bytes } = await peek(hashing(createReadStream(path, { highWaterMark: 256 * 1024 }), whole))
  const compression: LayerCompression = sniffCompression(head)
  for await (const _ of hashing(decompress(bytes, compression), inside));
  if (whole.digest === undefined || inside.digest === undefined)
    throw new ImageError('SOURCE_UNREADABLE', `${path} cannot be read`)
  const mediaType = withCompression(mediaTypes.ociLayer, compression)
  return {
    range: { path, offset: 0, length: size },
    descriptor: { mediaType, digest: whole.digest, size },
    diffId: inside.digest,
  }
}

class TarballSource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #layers: readonly Layer[]
  readonly #config: Uint8Array
  readonly #manifest: Uint8Array
  readonly #dispose: () => Promise<void>

  constructor(layers: readonly Layer[], options: TarballConfig, dispose: () => Promise<void>) {
    this.#layers = layers
    this.#dispose = dispose
    this.#config = Buffer.from(JSON.stringify(makeConfig(layers, options)))
    this.#manifest = formatImageManifest({
      kind: 'image',
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: digestOf(this.#config), size: this.#config.length },
      layers: layers.map(({ descriptor }) => descriptor),
      ...(options.annotations !== undefined && { annotations: options.annotations }),
    })
  }

  async manifest(): Promise<RawManifest> {
    return { bytes: this.#manifest, mediaType: mediaTypes.ociManifest }
  }

  async blob(blob: Descriptor, from: number): Promise<Bytes> {
    if (blob.digest === digestOf(this.#config)) return part(this.#config, from)
    const range = await this.blobFile(blob)
    if (range === undefined) throw new ImageError('BLOB_UNKNOWN', `no blob ${blob.digest}`, { subject: blob.digest })
    return streamRange(range, from)
  }

  async blobFile(blob: Descriptor): Promise<FileRange | undefined> {
    return this.#layers.find(({ descriptor }) => descriptor.digest === blob.digest)?.range
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dispose()
  }
}

function makeConfig(layers: readonly Layer[], { config = {}, created }: TarballConfig): object {
  const time = created ?? new Date().toISOString()
  return {
    created: time,
    ...hostPlatform(),
    config: {},
    ...config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ range }) => ({
      created: time,
      created_by: `/bin/sh -c #(nop) ADD file:${range.path} in / `,
    })),
  }
}

async function* part(bytes: Uint8Array, from: number): Bytes {
  yield bytes.subarray(from)
}
