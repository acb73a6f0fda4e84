import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import type { Bytes } from '../call.ts'
import { type Digest, digestAlgorithm, digestOf, digestOfHash } from '../digest.ts'
import { BlockReader } from '../tar/block-reader.ts'
import type { PartsPlan, PlannedChunk, PlannedMember } from './plan-parts.ts'
import { unfit } from './positions.ts'
import type { TocChunk, TocMember } from './read-toc.ts'
import { Structure } from './structure.ts'
import { readTarSplit } from './tar-split-lines.ts'
import type { TocEntry } from './toc-entry.ts'

/** Everything that a layer is put together from. */
export interface Parts {
  readonly plan: PartsPlan
  /** Decompressed, of at most `tarSplitSize` bytes. */
  readonly tarSplit: Bytes
  readonly tarSplitSize: number
  /** The plan's stretches, one after another. */
  readonly fetched: Bytes
  readonly held: HeldBytes
}

/** Contents that are there already; what is read may have been changed by anybody. */
export interface HeldBytes {
  read(digest: Digest, offset: number, length: number): Uint8Array | undefined
}

/** A layer's tar that is put together while it is read. */
export interface AssembledTar {
  readonly bytes: Bytes
  /** Digests by name of the files whose content was there as a whole, once all bytes have been read. */
  reused(): ReadonlyMap<string, Digest>
  /** The table of contents, in JSON, once all bytes have been read: nothing in it was taken on trust. */
  toc(): Uint8Array
}

/** At most so many zeros are made at once, in bytes. */
const zerosAtOnce = 1024 * 1024

/**
 * Puts a layer's tar together. Each chunk and each file is compared with its digest, the members with the structure;
 * that the whole is the layer is for the caller to check. @throws ImageError COPY_UNSUPPORTED, ARCHIVE_INVALID while it is read
 */
export function assembleTar(parts: Parts): AssembledTar {
  const assembly = new Assembly(parts)
  return { bytes: assembly.bytes(), reused: () => assembly.reused, toc: () => assembly.toc() }
}

class Assembly {
  readonly #parts: Parts
  readonly #fetched: BlockReader
  readonly #entries: TocEntry[] = []
  readonly reused = new Map<string, Digest>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#fetched = new BlockReader(parts.fetched)
  }

  async *bytes(): Bytes {
    await using _fetched = this.#fetched
    const { plan, tarSplit, tarSplitSize } = this.#parts
    const structure = new Structure()
    const members = plan.members.values()
    for await (const piece of readTarSplit(tarSplit, tarSplitSize)) {
      if (piece.kind === 'structure') {
        structure.push(piece.bytes)
        yield piece.bytes
        continue
      }
      const found = structure.member()
      const planned = sameMember(found, members.next().value)
      if (piece.size !== (planned.chunks.length > 0 ? (found.size ?? 0) : 0))
        throw unfit(`the tar-split record and the table of contents disagree about ${shown(found)}`)
      yield* this.#content(found, planned)
    }
    if (members.next().done !== true) throw unfit('the table of contents has more members than the layer')
  }

  async *#content(found: TocEntry, { member, chunks }: PlannedMember): Bytes {
    this.#entries.push(...describe(found, member))
    const { digest } = member.entry
    const [only] = chunks
    // The content is the chunk's, which is compared already.
    const isSame = chunks.length === 1 && only?.chunk.digest === digest
    const algorithm = digestAlgorithm((digest ?? 'sha256:') as Digest)
    const hash = chunks.length === 0 || isSame ? undefined : createHash(algorithm)
    for (const planned of chunks) {
      for await (const bytes of this.#chunk(planned, found)) {
        hash?.update(bytes)
        yield bytes
      }
    }
    if (hash !== undefined && digestOfHash(hash, algorithm) !== digest) throw wrongContent(found)
    if (only?.source.kind === 'held' && only.source.digest === digest) this.reused.set(found.name, only.source.digest)
  }

  async *#chunk({ chunk, source }: PlannedChunk, file: TocEntry): Bytes {
    if (source.kind === 'zeros') return yield* zeros(chunk, file)
    const bytes =
      source.kind === 'held'
        ? this.#parts.held.read(source.digest, source.offset, chunk.size)
        : unpack(await this.#frames(source.from, source.to), chunk)
    if (bytes?.length !== chunk.size || digestOf(bytes, digestAlgorithm(chunk.digest)) !== chunk.digest)
      throw wrongContent(file)
    yield bytes
  }

  async #frames(from: number, to: number): Promise<Buffer | undefined> {
    await this.#fetched.skipTo(from)
    return this.#fetched.exactly(to - from)
  }

  toc(): Uint8Array {
    return Buffer.from(JSON.stringify({ version: 1, entries: this.#entries }))
  }
}

function sameMember(found: TocEntry, planned: PlannedMember | undefined): PlannedMember {
  const { entry } = planned?.member ?? {}
  const same =
    entry?.name === found.name &&
    entry.type === found.type &&
    (entry.size ?? 0) === (found.size ?? 0) &&
    (entry.linkName || undefined) === found.linkName
  if (planned !== undefined && same) return planned
  throw unfit(`the table of contents does not tell of ${shown(found)}`)
}

const shown = ({ name }: TocEntry): string => JSON.stringify(name.slice(0, 200))
const wrongContent = (file: TocEntry) => unfit(`the content of ${shown(file)} is not the one that was promised`)

function unpack(frames: Buffer | undefined, { size }: TocChunk): Uint8Array | undefined {
  try {
    return frames && zstdDecompressSync(frames, { maxOutputLength: size })
  } catch {
    return undefined
  }
}

async function* zeros({ digest, size }: TocChunk, file: TocEntry): Bytes {
  const algorithm = digestAlgorithm(digest)
  const hash = createHash(algorithm)
  const bytes = Buffer.alloc(Math.min(size, zerosAtOnce))
  for (let left = size; left > 0; left -= bytes.length) {
    const piece = bytes.subarray(0, left)
    hash.update(piece)
    yield piece
  }
  if (digestOfHash(hash, algorithm) !== digest) throw wrongContent(file)
}

/** The member's entries for the table that is kept: by the tar's own header, with digests that have been compared. */
function describe(found: TocEntry, { entry, chunks }: TocMember): readonly TocEntry[] {
  if (chunks.length === 0) return [found]
  const each = chunks.map(
    ({ digest, size, at, frames }): TocEntry => ({
      type: 'chunk',
      name: found.name,
      ...(at > 0 && { chunkOffset: at }),
      chunkSize: size,
      chunkDigest: digest,
      ...(frames === undefined && { chunkType: 'zeros' }),
    }),
  )
  const file = { ...found, ...(entry.digest !== undefined && { digest: entry.digest }) }
  const [first, ...rest] = each
  return rest.length === 0 ? [file] : [{ ...first, ...file }, ...rest]
}
