import { zstdDecompressSync } from 'node:zlib'
import { type Digest, digestOf, isDigest } from '../digest.ts'
import type { ChunkedPositions } from './positions.ts'
import { unfit } from './positions.ts'
import type { TocEntry } from './toc-entry.ts'

/** A piece of a file's content. */
export interface TocChunk {
  /** Of its bytes. */
  readonly digest: Digest
  readonly size: number
  /** Where it begins in the file. */
  readonly at: number
  /** Its frames in the blob: from where, to before where; none for zeros. */
  readonly frames: { readonly from: number; readonly to: number } | undefined
}

/** A member of the layer: what the table says of it, and for a file with content the chunks that make it up. */
export interface TocMember {
  readonly entry: TocEntry
  readonly chunks: readonly TocChunk[]
}

export interface Toc {
  readonly members: readonly TocMember[]
  /** Of the tar-split record, as it lies in the blob. */
  readonly tarSplitDigest: Digest
}

/** Chunks are held in memory, in bytes; an honest writer cuts far smaller ones. */
const largestChunk = 16 * 1024 * 1024

/**
 * Reads a table of contents. What it says of the layer is believed by nobody: the tar-split record, the digests of what
 * comes and the config's digest of the whole are what counts. So it may be read by a quick parser; here only what could
 * not be worked with is refused.
 * @throws ImageError COPY_UNSUPPORTED
 */
export function readToc(packed: Uint8Array, { tocDigest, toc }: ChunkedPositions): Toc {
  const algorithm = tocDigest.slice(0, tocDigest.indexOf(':'))
  if (digestOf(packed, algorithm) !== tocDigest) throw unfit('the table of contents is not the one that was promised')
  const { entries, tarSplitDigest } = parse(unpack(packed, toc.size))
  if (!isDigest(tarSplitDigest)) throw unfit('the table of contents names no tar-split record')
  if (!Array.isArray(entries)) throw unfit('the table of contents has no entries')
  return { members: [...membersOf(entries as readonly unknown[], toc.offset)], tarSplitDigest }
}

function unpack(packed: Uint8Array, size: number): Buffer {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: Math.max(size, 1) })
  } catch {
    throw unfit('the table of contents cannot be decompressed')
  }
}

function parse(text: Buffer): { readonly entries?: unknown; readonly tarSplitDigest?: unknown } {
  try {
    return (JSON.parse(text.toString()) ?? {}) as { readonly entries?: unknown; readonly tarSplitDigest?: unknown }
  } catch {
    throw unfit('the table of contents is not JSON')
  }
}

/** Frames must follow one another in the order of the table, all before it: none of them is fetched twice. */
function* membersOf(entries: readonly unknown[], end: number): Generator<TocMember> {
  let last = 0
  for (let at = 0; at < entries.length; ) {
    const entry = entryAt(entries, at++)
    const rest: TocEntry[] = []
    while (at < entries.length && entryAt(entries, at).type === 'chunk') rest.push(entryAt(entries, at++))
    const chunks = chunksOf(entry, rest)
    for (const { frames } of chunks) {
      if (frames === undefined) continue
      if (frames.from < last || frames.to > end) throw unfit(`a chunk of ${shown(entry)} lies where none can be`)
      last = frames.to
    }
    yield { entry, chunks }
  }
}

function entryAt(entries: readonly unknown[], at: number): TocEntry {
  const entry = entries[at] as TocEntry | null | undefined
  if (typeof entry !== 'object' || entry === null || typeof entry.name !== 'string' || typeof entry.type !== 'string')
    throw unfit(`entry ${at} of the table of contents is none`)
  return entry
}

const shown = ({ name }: TocEntry): string => JSON.stringify(name.slice(0, 200))

function chunksOf(entry: TocEntry, rest: readonly TocEntry[]): readonly TocChunk[] {
  const { type, size = 0 } = entry
  if (type === 'chunk') throw unfit('a chunk stands before every file')
  if (type !== 'reg' || size === 0) {
    if (rest.length > 0) throw unfit(`${shown(entry)} has chunks but no content`)
    return []
  }
  if (!isDigest(entry.digest)) throw unfit(`${shown(entry)} has no digest`)
  const all = [entry, ...rest]
  const chunks = all.map((each, index) => chunkOf(entry, each, all[index + 1]))
  let at = 0
  for (const chunk of chunks) {
    if (chunk.at !== at) throw unfit(`the chunks of ${shown(entry)} do not follow one another`)
    at += chunk.size
  }
  if (at !== size) throw unfit(`the chunks of ${shown(entry)} have ${at} bytes, the file ${size}`)
  return chunks
}

/** A chunk ends where the next one begins, the last one where the file's frames do. */
function chunkOf(file: TocEntry, chunk: TocEntry, next: TocEntry | undefined): TocChunk {
  const only = chunk === file && next === undefined
  const at = number(chunk.chunkOffset ?? 0)
  const size = number(chunk.chunkSize ?? (file.size ?? 0) - at)
  const digest = chunk.chunkDigest ?? (only ? file.digest : undefined)
  const [from, to] = [number(chunk.offset), number(next === undefined ? file.endOffset : next.offset)]
  const isZeros = chunk.chunkType === 'zeros'
  if (chunk.name !== file.name || !isDigest(digest) || size === 0 || to < from)
    throw unfit(`a chunk of ${shown(file)} is none`)
  if (!isZeros && (size > largestChunk || to - from > largestChunk))
    throw unfit(`a chunk of ${shown(file)} is too large`)
  return { digest, size, at, frames: isZeros ? undefined : { from, to } }
}

function number(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw unfit('the table of contents holds an invalid number')
}
