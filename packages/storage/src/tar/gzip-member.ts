import { gzipMaker } from '@libpod/syscall'
import { zlib } from './zlib.ts'

const level = 1

let maker: ((bytes: Uint8Array) => Buffer) | undefined

/** One gzip member of the bytes, good until the next: by the host's ISA-L, or by zlib where it has none. */
export function gzipMember(bytes: Uint8Array): Buffer {
  maker ??= gzipMaker() ?? zlibMaker()
  return maker(bytes)
}

export function zlibMaker(): (bytes: Uint8Array) => Buffer {
  const { gzipSync } = zlib()
  return bytes => gzipSync(bytes, { level })
}
