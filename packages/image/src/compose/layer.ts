import { gzipSync } from 'node:zlib'
import { ImageError } from '../errors.ts'
import { type HeaderOptions, padding, writeHeader } from '../tar/header.ts'

/** Who owns an entry and when it was changed; 0 each unless told. */
export interface ComposedOwner {
  readonly uid?: number
  readonly gid?: number
  /** Seconds since the epoch. */
  readonly mtime?: number
}

/** One entry of a layer made in code; names are relative to the root of the image's file system. */
export type ComposedFile = ComposedOwner & { readonly path: string } & (
    | { readonly content: Uint8Array | string; readonly mode?: number }
    | { readonly link: string }
    | { readonly directory: true; readonly mode?: number }
  )

/** A tar of the entries in their order, the same bytes for the same entries. @throws ImageError ARCHIVE_INVALID */
export function layerTar(files: readonly ComposedFile[]): Uint8Array {
  return Buffer.concat([...files.flatMap(entry), Buffer.alloc(1024)])
}

function entry(file: ComposedFile): readonly Uint8Array[] {
  const path = checked(file.path)
  const owner = { uid: whole(file, 'uid'), gid: whole(file, 'gid'), mtime: whole(file, 'mtime') }
  if ('link' in file) return member(path, Buffer.alloc(0), { type: '2', link: file.link, mode: 0o777, ...owner })
  if ('directory' in file) return member(`${path}/`, Buffer.alloc(0), { type: '5', mode: file.mode ?? 0o755, ...owner })
  return member(path, Buffer.from(file.content), { type: '0', mode: file.mode ?? 0o644, ...owner })
}

/** An ustar header holds names of 100 bytes; what it cannot hold a pax header before it says. */
function member(name: string, content: Buffer, options: HeaderOptions): readonly Uint8Array[] {
  const { uid = 0, gid = 0, link = '' } = options
  const records = { path: tooLong(name), linkpath: tooLong(link), uid: tooGreat(uid), gid: tooGreat(gid) }
  const pax = Object.entries(records).flatMap(([key, value]) => (value === undefined ? [] : [record(key, value)]))
  const header = writeHeader(short(name), content.length, {
    ...options,
    link: short(link),
    uid: uid > greatest ? 0 : uid,
    gid: gid > greatest ? 0 : gid,
  })
  const body = [header, content, Buffer.alloc(padding(content.length))]
  if (pax.length === 0) return body
  const text = Buffer.from(pax.join(''))
  return [writeHeader('PaxHeaders', text.length, { type: 'x' }), text, Buffer.alloc(padding(text.length)), ...body]
}

const longest = 100
const greatest = 0o7777777
const tooLong = (text: string): string | undefined => (Buffer.byteLength(text) > longest ? text : undefined)
const tooGreat = (id: number): string | undefined => (id > greatest ? String(id) : undefined)
const short = (text: string): string => (tooLong(text) === undefined ? text : 'long')

/** `<length> key=value\n`, the length counting itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  const digits = String(rest + String(rest).length).length
  return `${rest + digits} ${key}=${value}\n`
}

function whole(file: ComposedFile, key: keyof ComposedOwner): number {
  const value = file[key] ?? 0
  if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32) return value
  throw new ImageError('ARCHIVE_INVALID', `invalid ${key} of ${JSON.stringify(file.path)}: ${value}`)
}

function checked(path: string): string {
  const clean = path.replace(/^\/+/, '').replace(/\/+$/, '')
  const parts = clean.split('/')
  if (clean === '' || parts.includes('..') || parts.includes('') || clean.includes('\0') || clean.length > 4096) {
    throw new ImageError('ARCHIVE_INVALID', `invalid path for a layer: ${JSON.stringify(path.slice(0, 200))}`)
  }
  return clean
}

/** Compresses with a header that does not tell the platform. */
export function reproducibleGzip(bytes: Uint8Array): Uint8Array {
  const compressed = gzipSync(bytes)
  compressed[9] = 0xff
  return compressed
}
