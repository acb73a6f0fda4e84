import type { AppliedLayer } from '../layers/layers.ts'
import type { Crc64 } from './crc64.ts'
import type { TarEntry } from './entry.ts'
import { type ApplySource, feed } from './feed.ts'
import { TarReader, type TarVisitor } from './reader.ts'
import { Tally } from './tally.ts'
import type { TarSplitLines } from './tar-split.ts'
import { TarSplitFile } from './tar-split-file.ts'
import { Unpacker } from './unpack.ts'
import { type Elsewhere, RemoteUnpacker } from './unpack-elsewhere.ts'
import type { UnpackOptions } from './unpack-options.ts'

export interface LayerSource extends ApplySource {
  onUnpacked(bytes: number): void
}

/** Where a layer goes, and how. */
export interface ApplyTarget {
  /** An empty directory. */
  readonly directory: string
  /** The file to write the tar-split record to. */
  readonly tarSplit: string
  readonly unpack: UnpackOptions
  /** Who unpacks, if not the calling thread: one layer alone then has two processors. */
  readonly elsewhere?: Elsewhere
}

/**
 * Unpacks a layer, records how to put its tar together again, and takes the digests of both forms, in one pass.
 * @throws StorageError as `StagedLayer.apply` says
 */
export async function applyTar(source: LayerSource, target: ApplyTarget, crc: Crc64): Promise<AppliedLayer> {
  const remote = target.elsewhere && new RemoteUnpacker(target.elsewhere)
  try {
    return await apply(source, { ...target, remote }, crc)
  } catch (error) {
    throw remote ? await remote.stop(error) : error
  }
}

async function apply(
  source: LayerSource,
  { remote, ...target }: ApplyTarget & { readonly remote: RemoteUnpacker | undefined },
  crc: Crc64,
): Promise<AppliedLayer> {
  using record = new TarSplitFile(target.tarSplit)
  using unpacker = remote ? undefined : new Unpacker(target.directory, target.unpack)
  const reader = new TarReader(new LayerVisitor(unpacker, record.lines, crc))
  const diff = new Tally()
  const { compression, blob } = await feed(source, chunk => {
    remote?.push(chunk)
    diff.add(chunk)
    reader.push(chunk)
    source.onUnpacked(chunk.length)
    record.flush()
  })
  reader.end()
  unpacker?.end()
  const owners = remote ? await remote.end() : unpacker
  record.end()
  const { digest, size } = diff.end()
  const compressed = blob?.end() ?? { digest, size }
  return {
    diffId: digest,
    diffSize: size,
    compressedDigest: compressed.digest,
    compressedSize: compressed.size,
    compression,
    uids: owners?.uids ?? [],
    gids: owners?.gids ?? [],
  }
}

class LayerVisitor implements TarVisitor {
  readonly #unpacker: Unpacker | undefined
  readonly #lines: TarSplitLines
  readonly #crc: Crc64
  #entry: TarEntry | undefined

  constructor(unpacker: Unpacker | undefined, lines: TarSplitLines, crc: Crc64) {
    this.#unpacker = unpacker
    this.#lines = lines
    this.#crc = crc
  }

  structure(bytes: Buffer): void {
    this.#lines.structure(bytes)
  }

  entry(entry: TarEntry): void {
    this.#entry = entry
    if (entry.stored > 0) this.#crc.reset()
    this.#unpacker?.begin(entry)
  }

  /** A sparse file's data is recorded as structure: on disk it lies in other places. */
  data(bytes: Buffer): void {
    const entry = this.#entry
    if (entry === undefined) return
    if (entry.extents) this.#lines.structure(bytes)
    else this.#crc.update(bytes)
    this.#unpacker?.data(bytes, entry)
  }

  entryEnd(entry: TarEntry): void {
    this.#unpacker?.finish(entry)
    const summed = entry.stored > 0 && !entry.extents
    this.#lines.file(entry.name, entry.stored, summed ? this.#crc.digest() : undefined)
  }
}
