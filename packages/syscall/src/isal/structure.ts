import { getRawPointer } from 'node:ffi'

/** Half as much again as any of the library's structures takes, in bytes. */
const size = 128 * 1024
const untouched = 16 * 1024
const pattern = 0xa5

/** Memory for one of the library's structures. */
export const structure = (): Buffer => Buffer.alloc(size, pattern)

/** Whether the structure ends where it was thought to: behind it nothing was written. */
export const isWithin = (memory: Buffer): boolean =>
  memory.subarray(-untouched).equals(Buffer.alloc(untouched, pattern))

/** An empty piece lies nowhere. */
export const addressOf = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : getRawPointer(bytes))

/** The framing of both directions. */
export const ISAL_GZIP = 1
