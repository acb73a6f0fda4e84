import type { Digest } from '../digest.ts'
import { chunkedKeys } from './annotations.ts'

/** Something compressed that stands where readers of zstd pass over it. */
export interface SkippableData {
  readonly bytes: Buffer
  /** Before it was compressed. */
  readonly size: number
  /** Of the compressed bytes. */
  readonly digest: Digest
}

/** The end of a zstd:chunked blob. */
export interface ChunkedEnd {
  readonly bytes: Buffer
  readonly annotations: Readonly<Record<string, string>>
}

const headSize = 8
const crfsType = 1
const magic = Buffer.from('GNUlInUx')

/** A table of contents and a tar-split record behind `offset` bytes of layer, and the footer that says where they are. */
export function chunkedEnd(offset: number, toc: SkippableData, tarSplit: SkippableData): ChunkedEnd {
  const tocAt = offset + headSize
  const tarSplitAt = tocAt + toc.bytes.length + headSize
  const numbers = [tocAt, toc.bytes.length, toc.size, crfsType, tarSplitAt, tarSplit.bytes.length, tarSplit.size]
  const footer = Buffer.alloc(64)
  for (const [at, number] of numbers.entries()) footer.writeBigUInt64LE(BigInt(number), at * 8)
  magic.copy(footer, 56)
  return {
    bytes: Buffer.concat([toc.bytes, tarSplit.bytes, footer].flatMap(skippable)),
    annotations: {
      [chunkedKeys.checksum]: toc.digest,
      [chunkedKeys.position]: `${tocAt}:${toc.bytes.length}:${toc.size}:${crfsType}`,
      [chunkedKeys.tarSplit]: `${tarSplitAt}:${tarSplit.bytes.length}:${tarSplit.size}`,
    },
  }
}

/** A skippable frame (RFC 8878, 3.1.2). */
function skippable(bytes: Buffer): [Buffer, Buffer] {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])
  head.writeUInt32LE(bytes.length, 4)
  return [head, bytes]
}
