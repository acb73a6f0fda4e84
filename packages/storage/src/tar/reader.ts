import { StorageError } from '../errors.ts'
import { assembleEntry, type Extensions } from './assemble.ts'
import { type ByteString, fromBytes } from './bytes.ts'
import type { Extent, TarEntry } from './entry.ts'
import { blockSize, parseHeader, type RawHeader } from './header.ts'
import { type PaxRecords, parsePax } from './pax.ts'
import { gnuExtents, hasInlineMap, inlineMap } from './sparse.ts'

/** Who is told what an archive holds, in order. Buffers are only valid during the call. */
export interface TarVisitor {
  /** Bytes that are not a file's data: headers, padding, the end. */
  structure(bytes: Buffer): void
  entry(entry: TarEntry): void
  /** A file's data as stored, `entry.stored` bytes over all calls. */
  data(bytes: Buffer): void
  entryEnd(entry: TarEntry): void
}

/** No honest header comes near: names, a few attributes, a sparse map. */
const longestExtension = 1 << 20

const plain: Extensions = { longName: undefined, longLink: undefined, pax: [], extents: undefined, realSize: undefined }

const invalid = (what: string): StorageError => new StorageError('ARCHIVE_INVALID', `not a valid tar: ${what}`)

/**
 * Reads a tar stream that arrives in pieces of any size: ustar, PAX, GNU (long names, base-256 numbers) and the sparse
 * formats. It keeps no more than one header of at most 1 MiB.
 */
export class TarReader {
  readonly #visitor: TarVisitor
  #step: (chunk: Buffer, at: number) => number
  readonly #block = Buffer.alloc(blockSize)
  #filled = 0
  #extensions: Extensions = plain
  #entry: TarEntry | undefined
  #left = 0
  #padding = 0
  #metadata: { readonly type: string; readonly bytes: Buffer; filled: number } | undefined
  #sparse: { readonly header: RawHeader; readonly extents: Extent[]; readonly realSize: number } | undefined
  #inline: { readonly header: RawHeader; bytes: Buffer } | undefined
  #zeros = 0

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor
    this.#step = this.#readHeader
  }

  /** @throws StorageError ARCHIVE_INVALID, ARCHIVE_LIMIT */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) at = this.#step(chunk, at)
  }

  /** The stream is over. @throws StorageError ARCHIVE_INVALID when it was cut off */
  end(): void {
    if (this.#filled > 0 || this.#entry || this.#metadata || this.#sparse || this.#inline || this.#padding > 0) {
      throw invalid('it ends in the middle of an entry')
    }
    if (this.#extensions !== plain) throw invalid('it ends after an extended header')
  }

  /** A whole block when there is one, a copy of what has arrived when not. */
  #takeBlock(chunk: Buffer, at: number): { readonly block: Buffer | undefined; readonly next: number } {
    if (this.#filled === 0 && chunk.length - at >= blockSize) {
      return { block: chunk.subarray(at, at + blockSize), next: at + blockSize }
    }
    const length = Math.min(blockSize - this.#filled, chunk.length - at)
    chunk.copy(this.#block, this.#filled, at, at + length)
    this.#filled += length
    if (this.#filled < blockSize) return { block: undefined, next: at + length }
    this.#filled = 0
    return { block: this.#block, next: at + length }
  }

  #readHeader(chunk: Buffer, at: number): number {
    const { block, next } = this.#takeBlock(chunk, at)
    if (block === undefined) return next
    const header = parseHeader(block)
    this.#visitor.structure(block)
    if (header) this.#begin(header, block)
    else this.#zeroBlock()
    return next
  }

  #zeroBlock(): void {
    if (this.#extensions !== plain) throw invalid('an extended header belongs to nothing')
    this.#zeros++
    if (this.#zeros === 2) this.#step = this.#readTrailer
  }

  #begin(header: RawHeader, block: Buffer): void {
    if (this.#zeros > 0) throw invalid('a header follows a block of zeros')
    if ('xgLK'.includes(header.type)) this.#beginMetadata(header)
    else if (header.type === 'S') this.#beginSparse(header, block)
    else if (hasInlineMap(this.#extensions.pax)) this.#beginInline(header)
    else this.#open(header)
  }

  #beginMetadata({ type, size }: RawHeader): void {
    if (size < 0) throw invalid('an extended header has a negative size')
    if (size > longestExtension) {
      throw new StorageError('ARCHIVE_LIMIT', `an extended header of ${size} bytes is larger than ${longestExtension}`)
    }
    this.#metadata = { type, bytes: Buffer.alloc(Math.ceil(size / blockSize) * blockSize), filled: 0 }
    this.#step = this.#readMetadata
    this.#left = size
    if (size === 0) this.#endMetadata()
  }

  #readMetadata(chunk: Buffer, at: number): number {
    const metadata = this.#metadata
    if (metadata === undefined) throw invalid('no extended header is open')
    const length = chunk.copy(metadata.bytes, metadata.filled, at)
    metadata.filled += length
    if (metadata.filled === metadata.bytes.length) this.#endMetadata()
    return at + length
  }

  #endMetadata(): void {
    const { type, bytes } = this.#metadata ?? { type: '', bytes: Buffer.alloc(0) }
    const data = bytes.subarray(0, this.#left)
    if (bytes.length > 0) this.#visitor.structure(bytes)
    if (type === 'x') this.#extensions = { ...this.#extensions, pax: parsePax(data) }
    if (type === 'L') this.#extensions = { ...this.#extensions, longName: untilNul(data) }
    if (type === 'K') this.#extensions = { ...this.#extensions, longLink: untilNul(data) }
    this.#metadata = undefined
    this.#left = 0
    this.#step = this.#readHeader
  }

  #beginSparse(header: RawHeader, block: Buffer): void {
    const extents = gnuExtents(block, 386, 4)
    const realSize = Number.parseInt(block.toString('latin1', 483, 495).replace(/[\0 ]/g, '') || '0', 8)
    this.#sparse = { header, extents, realSize: block[483] === 0x80 ? Number(block.readBigUInt64BE(487)) : realSize }
    if (block[482] === 0) this.#endSparse()
    else this.#step = this.#readSparse
  }

  #readSparse(chunk: Buffer, at: number): number {
    const { block, next } = this.#takeBlock(chunk, at)
    if (block === undefined || this.#sparse === undefined) return next
    this.#visitor.structure(block)
    this.#sparse.extents.push(...gnuExtents(block, 0, 21))
    if (this.#sparse.extents.length > longestExtension / 24) {
      throw new StorageError('ARCHIVE_LIMIT', 'a sparse file has too many stretches')
    }
    if (block[504] === 0) this.#endSparse()
    return next
  }

  #endSparse(): void {
    const { header, extents, realSize } = this.#sparse ?? { header: undefined, extents: [], realSize: 0 }
    this.#sparse = undefined
    if (header === undefined) return
    this.#extensions = { ...this.#extensions, extents: extents.filter(each => each.length > 0), realSize }
    this.#open(header)
  }

  #beginInline(header: RawHeader): void {
    this.#inline = { header, bytes: Buffer.alloc(0) }
    this.#step = this.#readInline
  }

  /** The map is structure: it is no part of the file. */
  #readInline(chunk: Buffer, at: number): number {
    const { block, next } = this.#takeBlock(chunk, at)
    const inline = this.#inline
    if (block === undefined || inline === undefined) return next
    this.#visitor.structure(block)
    inline.bytes = Buffer.concat([inline.bytes, block])
    if (inline.bytes.length > longestExtension) throw new StorageError('ARCHIVE_LIMIT', 'a sparse map is too long')
    const extents = inlineMap(inline.bytes)
    if (extents) this.#endInline(inline.header, extents, inline.bytes.length)
    return next
  }

  #endInline(header: RawHeader, extents: readonly Extent[], mapped: number): void {
    this.#inline = undefined
    this.#extensions = { ...this.#extensions, extents: extents.filter(each => each.length > 0) }
    const size = new Map(this.#extensions.pax).get('size')
    const stored = (size === undefined ? header.size : Number(size)) - mapped
    this.#extensions = { ...this.#extensions, pax: withSize(this.#extensions.pax, stored) }
    this.#open(header)
  }

  #open(header: RawHeader): void {
    const entry = assembleEntry(header, this.#extensions)
    this.#extensions = plain
    this.#visitor.entry(entry)
    this.#left = entry.stored
    this.#entry = entry
    this.#step = this.#readData
    if (this.#left === 0) this.#close(entry)
  }

  #readData(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left)
    this.#visitor.data(chunk.subarray(at, end))
    this.#left -= end - at
    if (this.#left === 0 && this.#entry) this.#close(this.#entry)
    return end
  }

  #close(entry: TarEntry): void {
    this.#visitor.entryEnd(entry)
    this.#entry = undefined
    this.#padding = (blockSize - (entry.stored % blockSize)) % blockSize
    this.#step = this.#padding > 0 ? this.#readPadding : this.#readHeader
  }

  #readPadding(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#padding)
    this.#visitor.structure(chunk.subarray(at, end))
    this.#padding -= end - at
    if (this.#padding === 0) this.#step = this.#readHeader
    return end
  }

  /** Whatever follows the end is kept for the record and means nothing. */
  #readTrailer(chunk: Buffer, at: number): number {
    this.#visitor.structure(chunk.subarray(at))
    return chunk.length
  }
}

function untilNul(data: Buffer): ByteString {
  const nul = data.indexOf(0)
  return fromBytes(nul < 0 ? data : data.subarray(0, nul))
}

function withSize(pax: PaxRecords, size: number): PaxRecords {
  if (size < 0) throw invalid('a sparse map is longer than its file')
  return [...pax.filter(([key]) => key !== 'size'), ['size', String(size)]]
}
