import { StorageError } from '../errors.ts'
import { type ByteString, fromBytes } from './bytes.ts'

/** PAX extended header records, keys and values as bytes, in order: sparse maps repeat their keys. */
export type PaxRecords = readonly (readonly [key: ByteString, value: ByteString])[]

const invalid = (what: string): StorageError => new StorageError('ARCHIVE_INVALID', `not a valid tar: ${what}`)

/** `length key=value\n`, over and over (POSIX pax, "pax Extended Header"). @throws StorageError ARCHIVE_INVALID */
export function parsePax(data: Buffer): PaxRecords {
  const records: [ByteString, ByteString][] = []
  for (let at = 0; at < data.length && data[at] !== 0; ) {
    const space = data.indexOf(0x20, at)
    const digits = space < 0 ? '' : fromBytes(data.subarray(at, space))
    const end = at + Number(digits)
    if (!/^[1-9][0-9]{0,9}$/.test(digits) || end > data.length || data[end - 1] !== 0x0a)
      throw invalid('a broken PAX header')
    const equals = data.indexOf(0x3d, space)
    if (equals < 0 || equals >= end) throw invalid('a PAX header without a value')
    records.push([fromBytes(data.subarray(space + 1, equals)), fromBytes(data.subarray(equals + 1, end - 1))])
    at = end
  }
  return records
}

/** Seconds with any number of decimals, also negative, in nanoseconds. @throws StorageError ARCHIVE_INVALID */
export function parseTime(text: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text) ?? []
  if (whole === undefined) throw invalid(`${JSON.stringify(text.slice(0, 40))} is no time`)
  const nanoseconds = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  return sign === '-' ? -nanoseconds : nanoseconds
}

/** A size or id in decimal. @throws StorageError ARCHIVE_INVALID */
export function parseDecimal(text: string): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw invalid(`${JSON.stringify(text.slice(0, 40))} is no number`)
}
