import { ImageError } from '../errors.ts'

export const blockSize = 512

/** One member of a tar as its header tells it. */
export interface TarHeader {
  readonly name: string
  readonly size: number
  readonly type: string
  readonly link: string
}

/** A text of a header, up to its NUL. */
export const text = (block: Buffer, start: number, length: number): string => {
  const end = block.indexOf(0, start)
  return block.toString('utf8', start, end < 0 || end > start + length ? start + length : end)
}

/** Octal, or base 256 where the top bit is set (GNU). */
export function number(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0
  if ((first & 0x80) !== 0) return Number(block.readBigUInt64BE(start + length - 8))
  const digits = text(block, start, length).trim()
  if (!/^[0-7]*$/.test(digits)) throw new ImageError('ARCHIVE_INVALID', 'a tar header holds an invalid number')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Reads a header block; undefined for the zeros that end an archive. @throws ImageError ARCHIVE_INVALID */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (block.every(byte => byte === 0)) return undefined
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== number(block, 148, 8))
    throw new ImageError('ARCHIVE_INVALID', 'not a tar archive: a header has a wrong checksum')
  const prefix = text(block, 257, 6).startsWith('ustar') && block[263] === 0x30 ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  const size = number(block, 124, 12)
  if (!Number.isSafeInteger(size) || size < 0)
    throw new ImageError('ARCHIVE_INVALID', 'a tar header holds an invalid size')
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: String.fromCharCode(block[156] || 0x30),
    link: text(block, 157, 100),
  }
}

export interface HeaderOptions {
  readonly type?: '0' | '2' | '5' | 'x'
  readonly link?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Seconds since the epoch. */
  readonly mtime?: number
}

/** A header block, of a plain file unless told; the same for the same input. Names and links have at most 100 bytes. */
export function writeHeader(
  name: string,
  size: number,
  { type = '0', link = '', mode = 0o644, uid = 0, gid = 0, mtime = 0 }: HeaderOptions = {},
): Buffer {
  for (const text of [name, link]) if (Buffer.byteLength(text) > 100) throw new TypeError(`tar name too long: ${text}`)
  const block = Buffer.alloc(blockSize)
  block.write(name, 0)
  block.write(`${octal(mode, 7)}\0`, 100)
  block.write(`${octal(uid, 7)}\0`, 108)
  block.write(`${octal(gid, 7)}\0`, 116)
  writeSize(block, size)
  block.write(`${octal(mtime, 11)}\0`, 136)
  block.write(`        ${type}`, 148)
  block.write(link, 157)
  block.write('ustar\u000000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')

function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
    return
  }
  block[124] = 0x80
  block.writeBigUInt64BE(BigInt(size), 128)
}

/** Bytes that fill a member of `size` bytes up to whole blocks. */
export const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize
