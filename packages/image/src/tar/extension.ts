import { ImageError } from '../errors.ts'

/** What a GNU long name or a pax header says of the member after it. */
export interface Extension {
  readonly name?: string
  readonly link?: string
  readonly size?: number
}

export const extensionTypes = 'xgLK'
/** Of one extension header, in bytes. */
export const maximumExtension = 1024 * 1024

/** Reads the body of a member of type x, g, L or K; global headers change nothing that matters here. */
export function readExtension(type: string, body: Buffer): Extension {
  if (type === 'g') return {}
  if (type === 'x') return readPax(body)
  const end = body.indexOf(0)
  const value = body.toString('utf8', 0, end < 0 ? body.length : end)
  return type === 'L' ? { name: value } : { link: value }
}

/** The records of a pax header; values may be any bytes. @throws ImageError ARCHIVE_INVALID */
export function paxRecords(body: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at)
    const length = Number(body.toString('latin1', at, space))
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > body.length) {
      throw new ImageError('ARCHIVE_INVALID', 'a tar has an invalid pax header')
    }
    const record = body.subarray(space + 1, at + length - 1)
    const equals = record.indexOf(0x3d)
    const key = record.toString('utf8', 0, equals < 0 ? record.length : equals)
    records.set(key, equals < 0 ? Buffer.alloc(0) : record.subarray(equals + 1))
    at += length
  }
  return records
}

function readPax(body: Buffer): Extension {
  const records = paxRecords(body)
  const name = records.get('path')
  const link = records.get('linkpath')
  const size = Number(records.get('size') ?? Number.NaN)
  return {
    ...(name !== undefined && { name: name.toString() }),
    ...(link !== undefined && { link: link.toString() }),
    ...(Number.isSafeInteger(size) && size >= 0 && { size }),
  }
}
