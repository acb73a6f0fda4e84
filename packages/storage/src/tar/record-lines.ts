import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { Inflater } from './inflate.ts'
import { zlib } from './zlib.ts'

/** Of a record at once, in bytes: what it is parsed into is many times that. */
const recordPiece = 64 * 1024
const lineEnd = 10

/** Whole lines of a tar-split record, many at once, without the last one's end; good until the next are asked for. @throws StorageError LAYER_DAMAGED */
export function* recordLines(record: string): Generator<Buffer> {
  let rest: Buffer[] = []
  try {
    for (const chunk of unpacked(record)) {
      const first = chunk.indexOf(lineEnd)
      if (first < 0) {
        rest.push(Buffer.from(chunk))
        continue
      }
      if (rest.length > 0) yield Buffer.concat([...rest, chunk.subarray(0, first)])
      const start = rest.length > 0 ? first + 1 : 0
      const end = chunk.lastIndexOf(lineEnd)
      if (end > start) yield chunk.subarray(start, end)
      rest = end + 1 < chunk.length ? [Buffer.from(chunk.subarray(end + 1))] : []
    }
  } catch (cause) {
    throw new StorageError('LAYER_DAMAGED', `${record} cannot be read: ${String(cause)}`, { subject: record, cause })
  }
}

/** Decompressed in this thread, into the same memory again and again. */
function* unpacked(record: string): Generator<Buffer> {
  const file = openSync(record, 'r')
  using inflater = Inflater.open(Buffer.allocUnsafeSlow(recordPiece))
  const input = Buffer.allocUnsafeSlow(recordPiece)
  try {
    if (inflater === undefined) return yield zlib().gunzipSync(readFileSync(file))
    for (let length = readSync(file, input); length > 0; length = readSync(file, input))
      yield* inflater.push(input.subarray(0, length))
    yield* inflater.end()
  } finally {
    closeSync(file)
  }
}

/** What a line says: a stretch of the tar's structure in base64, or a file whose data comes here. */
export type RecordLine =
  | { readonly kind: 'structure'; readonly base64: string }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly rawName: string | undefined
      readonly size: number
      readonly checksum: string
    }
  | undefined

interface Parsed {
  readonly type: number
  readonly name?: string
  readonly name_raw?: string
  readonly size?: number
  readonly payload: string | null
}

/** As every writer begins a line of structure: the rest is base64 up to a quote. */
const structureStart = Buffer.from('{"type":2,"payload":"')
const quote = 0x22

/** Each of the lines; undefined for those that give nothing. @throws SyntaxError for what is no JSON */
export function* parseLines(lines: Buffer): Generator<RecordLine> {
  for (let start = 0; start < lines.length; ) {
    const found = lines.indexOf(lineEnd, start)
    const end = found < 0 ? lines.length : found
    yield structureLine(lines, start, end) ?? parseLine(lines.toString('utf8', start, end))
    start = end + 1
  }
}

/** Most of a record is such lines: they are not parsed as JSON, nor copied. */
function structureLine(lines: Buffer, start: number, end: number): RecordLine {
  const from = start + structureStart.length
  if (from > end || lines.compare(structureStart, 0, structureStart.length, start, from) !== 0) return undefined
  const to = lines.indexOf(quote, from)
  return to < 0 || to > end ? undefined : { kind: 'structure', base64: lines.toString('latin1', from, to) }
}

function parseLine(text: string): RecordLine {
  const { type, name = '', name_raw: rawName, size = 0, payload } = JSON.parse(text) as Parsed
  if (type === 2) return { kind: 'structure', base64: payload ?? '' }
  return type === 1 && size > 0 ? { kind: 'file', name, rawName, size, checksum: payload ?? '' } : undefined
}
