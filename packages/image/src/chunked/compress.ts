import { createHash } from 'node:crypto'
import type { Bytes } from '../call.ts'
import { ImageError } from '../errors.ts'
import { BlockReader, cutShort } from '../tar/block-reader.ts'
import { maximumExtension } from '../tar/extension.ts'
import { blockSize, padding, readHeader } from '../tar/header.ts'
import { Chunks } from './chunks.ts'
import { Crc64 } from './crc64.ts'
import { chunkedEnd, type SkippableData } from './footer.ts'
import { Frames } from './frames.ts'
import { readMemberExtension } from './member-extension.ts'
import { Splitter } from './split.ts'
import { PackedText, TarSplitRecord } from './tar-split.ts'
import { describeMember, type MemberExtension, type TocEntry } from './toc-entry.ts'

/** Structure is compressed at the latest when it has so many bytes. */
const mostHeld = 256 * 1024
/** Members that tell of the next one. */
const memberExtensions = 'xLK'

/** A layer as zstd:chunked. */
export interface ChunkedBlob {
  readonly bytes: Bytes
  /** What its descriptor must say, once all bytes have been read. */
  annotations(): Readonly<Record<string, string>>
}

/**
 * Compresses a tar as zstd whose files can be fetched one by one: each chunk of a file is a frame of its own, and behind the
 * tar there are, in frames that other readers pass over, a table of contents and a tar-split record (containers/storage,
 * docs/containers-storage-zstd-chunked.md). @throws ImageError COPY_UNSUPPORTED, ARCHIVE_INVALID while it is read
 */
export function zstdChunked(tar: Bytes, level?: number): ChunkedBlob {
  const writer = new ChunkedWriter(tar, level)
  return { bytes: writer.write(), annotations: () => writer.annotations }
}

class ChunkedWriter {
  annotations: Readonly<Record<string, string>> = {}
  readonly #reader: BlockReader
  readonly #frames: Frames
  readonly #record: TarSplitRecord
  readonly #toc: TocEntry[] = []
  /** Headers and padding that are in no record yet, and in no frame. */
  #unrecorded: Buffer[] = []
  #unframed: Buffer[] = []
  #unframedSize = 0

  constructor(tar: Bytes, level: number | undefined) {
    this.#reader = new BlockReader(tar)
    this.#frames = new Frames(level)
    this.#record = new TarSplitRecord(this.#frames)
  }

  async *write(): Bytes {
    await using reader = this.#reader
    using _frames = this.#frames
    for (let entry = await this.#next(); entry !== undefined; entry = await this.#next()) {
      yield* this.#frames.ready()
      await this.#recordStructure()
      this.#toc.push(entry)
      yield* this.#member(entry, entry.type === 'reg' ? (entry.size ?? 0) : 0)
    }
    for (let bytes = await reader.upTo(mostHeld); bytes.length > 0; bytes = await reader.upTo(mostHeld)) {
      this.#hold(bytes)
      await this.#recordStructure()
      yield* this.#frames.ready()
    }
    yield* this.#end()
  }

  /** The next member, its headers held; undefined at the end of the archive. */
  async #next(): Promise<TocEntry | undefined> {
    let extension: MemberExtension = {}
    for (;;) {
      const block = await this.#reader.exactly(blockSize)
      if (block === undefined) return undefined
      this.#hold(block)
      const header = readHeader(block)
      if (header === undefined) return undefined
      if (!memberExtensions.includes(header.type)) return describeMember(block, extension)
      if (header.size > maximumExtension) throw new ImageError('ARCHIVE_INVALID', 'a tar extension header is too large')
      const body = await this.#exactly(header.size + padding(header.size))
      this.#hold(body)
      extension = { ...extension, ...readMemberExtension(header.type, body.subarray(0, header.size)) }
    }
  }

  async #exactly(count: number): Promise<Buffer> {
    const bytes = await this.#reader.exactly(count)
    if (bytes === undefined) throw cutShort()
    return bytes
  }

  #hold(bytes: Buffer): void {
    this.#unrecorded.push(bytes)
    this.#unframed.push(bytes)
    this.#unframedSize += bytes.length
    if (this.#unframedSize >= mostHeld) this.#frameStructure()
  }

  async *#member(entry: TocEntry, size: number): Bytes {
    const crc = new Crc64()
    if (size > 0) yield* this.#content(entry, size, crc)
    await this.#record.member(entry.name, size, size > 0 ? crc.digest() : undefined)
    if (padding(size) > 0) this.#hold(await this.#exactly(padding(size)))
  }

  async *#content(entry: TocEntry, size: number, crc: Crc64): Bytes {
    this.#frameStructure()
    const [whole, splitter, chunks] = [createHash('sha256'), new Splitter(), new Chunks(entry)]
    for await (const bytes of this.#reader.until(this.#reader.position + size)) {
      whole.update(bytes)
      crc.update(bytes)
      chunks.hold(bytes)
      for (const cut of splitter.push(bytes)) chunks.cut(cut, this.#frames)
      yield* this.#frames.ready()
    }
    for (const cut of splitter.end()) chunks.cut(cut, this.#frames)
    this.#toc.push(...chunks.end(`sha256:${whole.digest('hex')}`))
    yield* this.#frames.ready()
  }

  async #recordStructure(): Promise<void> {
    if (this.#unrecorded.length > 0) await this.#record.structure(Buffer.concat(this.#unrecorded))
    this.#unrecorded = []
  }

  #frameStructure(): void {
    if (this.#unframed.length > 0) this.#frames.add(Buffer.concat(this.#unframed))
    this.#unframed = []
    this.#unframedSize = 0
  }

  async *#end(): Bytes {
    await this.#recordStructure()
    this.#frameStructure()
    yield* this.#frames.ready(0)
    const tarSplit = await this.#record.end()
    const { bytes, annotations } = chunkedEnd(this.#frames.position, await this.#packToc(tarSplit), tarSplit)
    this.annotations = annotations
    yield bytes
  }

  async #packToc({ digest }: SkippableData): Promise<SkippableData> {
    const text = new PackedText(this.#frames)
    await text.add('{"version":1,"entries":[')
    for (const [at, entry] of this.#toc.entries()) await text.add((at === 0 ? '' : ',') + JSON.stringify(entry))
    await text.add(`],"tarSplitDigest":${JSON.stringify(digest)}}`)
    return text.end()
  }
}
