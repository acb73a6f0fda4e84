import { gzipSync } from 'node:zlib'
import { ImageError } from '../errors.ts'
import { padding, writeHeader } from '../tar/header.ts'

/** One entry of a layer made in code; names are relative to the root of the image's file system. */
export type ComposedFile =
  | { readonly path: string; readonly content: Uint8Array | string; readonly mode?: number }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly directory: true; readonly mode?: number }

/** A tar of the entries in their order, the same bytes for the same entries: owner 0:0, time 0. @throws ImageError ARCHIVE_INVALID */
export function layerTar(files: readonly ComposedFile[]): Uint8Array {
  return Buffer.concat([...files.flatMap(entry), Buffer.alloc(1024)])
}

function entry(file: ComposedFile): readonly Uint8Array[] {
  const path = checked(file.path)
  if ('link' in file) return [writeHeader(path, 0, { type: '2', link: file.link, mode: 0o777 })]
  if ('directory' in file) return [writeHeader(`${path}/`, 0, { type: '5', mode: file.mode ?? 0o755 })]
  const content = Buffer.from(file.content)
  const header = writeHeader(path, content.length, { type: '0', mode: file.mode ?? 0o644 })
  return [header, content, Buffer.alloc(padding(content.length))]
}

function checked(path: string): string {
  const clean = path.replace(/^\/+/, '').replace(/\/+$/, '')
  const parts = clean.split('/')
  if (clean === '' || parts.includes('..') || parts.includes('') || Buffer.byteLength(clean) > 99) {
    throw new ImageError('ARCHIVE_INVALID', `invalid path for a layer: ${JSON.stringify(path)}`)
  }
  return clean
}

/** Compresses with a header that does not tell the platform. */
export function reproducibleGzip(bytes: Uint8Array): Uint8Array {
  const compressed = gzipSync(bytes)
  compressed[9] = 0xff
  return compressed
}
