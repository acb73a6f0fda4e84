import { type Digest, parseDigest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { chunkedKeys } from './annotations.ts'

/** Bytes of a blob, from `offset` on. */
export interface Stretch {
  readonly offset: number
  readonly length: number
}

/** Something that lies compressed in a blob; `size`: in bytes once it is decompressed. */
export interface PackedStretch extends Stretch {
  readonly size: number
}

/** Where a layer's table of contents and tar-split record lie. */
export interface ChunkedPositions {
  readonly tocDigest: Digest
  readonly toc: PackedStretch
  readonly tarSplit: PackedStretch
}

/** What is held in memory for each layer at most, in bytes: table and record as they come, and the table decompressed. */
const largestPacked = 16 * 1024 * 1024
const largestToc = 32 * 1024 * 1024
/** Of a tar-split record once it is decompressed: nobody holds it. */
const longestTarSplit = 4 * 1024 ** 3
const crfsType = '1'

/** Why a layer cannot be had by parts: no error for who pulls it, who then takes it whole. */
export const unfit = (why: string): ImageError => new ImageError('COPY_UNSUPPORTED', why)

/**
 * Reads what a layer's annotations say (containers/storage, pkg/chunked); undefined for a layer without a table of contents.
 * @throws ImageError COPY_UNSUPPORTED, DIGEST_INVALID for positions that cannot be, or are beyond what is read
 */
export function readPositions({
  annotations = {},
  size,
}: Pick<Descriptor, 'annotations' | 'size'>): ChunkedPositions | undefined {
  const said = (key: string): string | undefined => (Object.hasOwn(annotations, key) ? annotations[key] : undefined)
  const checksum = said(chunkedKeys.checksum)
  if (checksum === undefined) return undefined
  if (said(stargzKey) !== undefined) throw unfit('both zstd:chunked and eStargz TOC found')
  const [toc, type] = readStretch(chunkedKeys.position, said(chunkedKeys.position))
  if (type !== crfsType) throw unfit(`the table of contents is of the unknown type ${JSON.stringify(type)}`)
  const [tarSplit] = readStretch(chunkedKeys.tarSplit, said(chunkedKeys.tarSplit))
  for (const { offset, length } of [toc, tarSplit])
    if (offset + length > size) throw unfit(`${offset}:${length} is not within the ${size} bytes of the layer`)
  if (tarSplit.offset < toc.offset + toc.length && toc.offset < tarSplit.offset + tarSplit.length)
    throw unfit('the table of contents and the tar-split record overlap')
  if (toc.length > largestPacked || toc.size > largestToc) throw unfit('the table of contents is too large')
  if (tarSplit.length > largestPacked || tarSplit.size > longestTarSplit)
    throw unfit('the tar-split record is too large')
  return { tocDigest: parseDigest(checksum), toc, tarSplit }
}

const stargzKey = 'containerd.io/snapshot/stargz/toc.digest'

/** `offset:length:uncompressed length[:type]`, in decimal. */
function readStretch(key: string, text: string | undefined): readonly [PackedStretch, string | undefined] {
  if (text === undefined) throw unfit(`the annotation ${key} is missing`)
  const [, offset = '', length = '', size = '', type] =
    /^([0-9]{1,15}):([0-9]{1,15}):([0-9]{1,15})(?::([0-9]{1,3}))?$/.exec(text) ?? []
  const stretch = { offset: Number(offset), length: Number(length), size: Number(size) }
  if (!(stretch.offset > 0 && stretch.length > 0)) throw unfit(`the annotation ${key} is no position: ${text}`)
  return [stretch, type]
}
