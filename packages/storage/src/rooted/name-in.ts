import { type ByteString, toBytes } from '../tar/bytes.ts'

/** A path to a name in an open directory, for calls that take no descriptor: nothing can be put in its way. */
export const nameIn = (dirfd: number, base: ByteString | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${dirfd}/`), typeof base === 'string' ? toBytes(base) : base])
