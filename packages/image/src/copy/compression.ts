import { constants, createGunzip, createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { Bytes } from '../call.ts'
import { zstdChunked } from '../chunked/compress.ts'
import { ImageError } from '../errors.ts'
import type { CompressionFormat, LayerCompression } from '../manifest/layer-type.ts'
import { gzip } from './gzip.ts'
import { through } from './through.ts'

/** Each piece is a trip to another thread, so pieces are large, in bytes. */
const chunkSize = 256 * 1024

/** What the first bytes of a blob say it is compressed with. @throws ImageError COPY_UNSUPPORTED for bzip2 and xz */
export function sniffCompression(head: Uint8Array): LayerCompression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd'
  if (isForeign(head)) {
    throw new ImageError('COPY_UNSUPPORTED', 'layers compressed with bzip2 or xz are not supported')
  }
  return 'none'
}

/** Whether a blob is compressed with bzip2 or xz, which can be moved but not undone. */
export function isForeign(head: Uint8Array): boolean {
  const bzip2 = head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68
  return bzip2 || (head[0] === 0xfd && head[1] === 0x37 && head[2] === 0x7a)
}

/** Looks at the first bytes and gives them back with the rest. */
export async function peek(bytes: Bytes): Promise<{ readonly head: Uint8Array; readonly bytes: Bytes }> {
  const iterator = bytes[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < 4) {
    const next = await iterator.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, bytes: rejoin(head, iterator) }
}

async function* rejoin(head: Uint8Array, rest: AsyncIterator<Uint8Array>): Bytes {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Undoes a compression; both gzip members and zstd frames may follow one another. */
export function decompress(bytes: Bytes, from: LayerCompression): Bytes {
  if (from === 'none') return bytes
  return through(bytes, from === 'gzip' ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize }))
}

export interface Compressed {
  /** Each piece may be overwritten once the next is asked for. */
  readonly bytes: Bytes
  /** What the layer's descriptor must say, once all bytes have been read. */
  annotations(): Readonly<Record<string, string>>
}

/** Compresses; the same bytes and level always give the same result. `none` gives them back. */
export function compress(bytes: Bytes, to: CompressionFormat, level?: number): Compressed {
  if (to === 'zstd:chunked') return zstdChunked(bytes, level)
  return { bytes: compressPlainly(bytes, to, level), annotations: () => ({}) }
}

function compressPlainly(bytes: Bytes, to: LayerCompression, level?: number): Bytes {
  if (to === 'none') return bytes
  if (to === 'gzip') return gzip(bytes, level)
  const parameters = level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level }
  return through(bytes, createZstdCompress({ chunkSize, params: parameters }))
}
