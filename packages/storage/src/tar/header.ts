import { StorageError } from '../errors.ts'
import { type ByteString, fromBytes } from './bytes.ts'

export const blockSize = 512

/** A 512-byte header as it stands (POSIX ustar, with GNU's and Solaris's variations). */
export interface RawHeader {
  readonly type: string
  readonly name: ByteString
  readonly linkName: ByteString
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly devMajor: number
  readonly devMinor: number
}

const invalid = (what: string): StorageError => new StorageError('ARCHIVE_INVALID', `not a valid tar: ${what}`)

/** Undefined for a block of zeros. @throws StorageError ARCHIVE_INVALID */
export function parseHeader(block: Buffer): RawHeader | undefined {
  if (block[0] === 0 && isZero(block)) return undefined
  if (!checksumFits(block)) throw invalid('a header has a wrong checksum')
  const magic = block.toString('latin1', 257, 265)
  const ustar = magic.startsWith('ustar')
  // GNU's header has times where POSIX has the name's prefix.
  const prefix = magic === 'ustar\x0000' ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  return {
    type: String.fromCharCode(block[156] || 0x30),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    devMajor: ustar ? number(block, 329, 8) : 0,
    devMinor: ustar ? number(block, 337, 8) : 0,
  }
}

const zeros = Buffer.alloc(blockSize)
export const isZero = (block: Buffer): boolean => block.equals(zeros)

function text(block: Buffer, start: number, length: number): ByteString {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  return block.toString('latin1', start, end)
}

/** Some old writers summed signed bytes. */
function checksumFits(block: Buffer): boolean {
  const expected = number(block, 148, 8)
  // The checksum's own field counts as spaces. A signed sum is 256 less for each byte with the top bit set.
  let sum = 256
  let high = 0
  for (let at = 0; at < 148; at++) {
    sum += block[at] ?? 0
    high += (block[at] ?? 0) >> 7
  }
  for (let at = 156; at < blockSize; at++) {
    sum += block[at] ?? 0
    high += (block[at] ?? 0) >> 7
  }
  return expected === sum || expected === sum - 256 * high
}

/**
 * A numeric field: octal digits, or GNU's base-256 with the top bit set (two's complement).
 * @throws StorageError ARCHIVE_INVALID
 */
export function number(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0
  if (first & 0x80) return base256(block, start, length)
  let value = 0
  let at = start
  while (at < start + length && (block[at] === 0x20 || block[at] === 0)) at++
  for (; at < start + length; at++) {
    const digit = (block[at] ?? 0) - 0x30
    if (digit >= 0 && digit < 8) value = value * 8 + digit
    else if (block[at] === 0 || block[at] === 0x20) break
    else throw invalid(`${JSON.stringify(fromBytes(block.subarray(start, start + length)))} is no number`)
  }
  return value
}

function base256(block: Buffer, start: number, length: number): number {
  const negative = ((block[start] ?? 0) & 0x40) !== 0
  let value = BigInt((block[start] ?? 0) & 0x7f)
  for (let at = start + 1; at < start + length; at++) value = (value << 8n) | BigInt(block[at] ?? 0)
  if (negative) value -= 1n << BigInt(length * 8 - 1)
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
    throw invalid('a number is out of range')
  return Number(value)
}
