import { bind, checked } from './libc.ts'

const callGetrandom = bind('getrandom', 'int64', ['pointer', 'uint64', 'uint32'])

/** At most 256 unpredictable bytes (getrandom(2)), without the 5 ms that loading `node:crypto` takes. @throws SyscallError */
export function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count)
  // Requests of up to 256 bytes are always answered whole.
  checked(callGetrandom(bytes, BigInt(count), 0), 'getrandom')
  return bytes
}
