import { DynamicLibrary, getInt32, type WrappedFunction } from 'node:ffi'
import { getSystemErrorName } from 'node:util'

/** A path as text, or as the bytes the file system holds. */
export type Path = string | Uint8Array

type Scalar = 'int32' | 'uint32' | 'int64' | 'uint64' | 'pointer'

interface Libc {
  readonly library: DynamicLibrary
  readonly errnoLocation: () => bigint
}

let opened: Libc | undefined

/** Errno's accessor is bound together with the library: binding it after a failed call would overwrite what it is for. */
function libc(): Libc {
  if (opened) return opened
  const library = new DynamicLibrary('libc.so.6')
  opened = { library, errnoLocation: library.getFunction('__errno_location', { return: 'pointer', arguments: [] }) }
  return opened
}

/** A function of the C library, bound at its first call: importing this package opens nothing. A name can be bound one way only. */
export function bind(name: string, result: Scalar, parameters: readonly Scalar[]): (...args: unknown[]) => never {
  let bound: WrappedFunction | undefined
  return (...args) => {
    bound ??= libc().library.getFunction(name, { return: result, arguments: parameters })
    return bound(...args) as never
  }
}

/** Where a function of the C library begins, for C to call it. */
export const functionAddress = (name: string): bigint => libc().library.getSymbol(name)

/** fcntl(2); its last word is passed as a pointer, which takes a buffer and a number alike. */
export const fcntl = bind('fcntl', 'int32', ['int32', 'int32', 'pointer'])

/** ioctl(2); its last word is passed as a pointer. */
export const ioctl = bind('ioctl', 'int32', ['int32', 'uint64', 'pointer'])

/** syscall(2), for what the C library has no function for; its words are passed as pointers too. */
export const syscall = bind('syscall', 'int64', ['int64', 'int64', 'pointer', 'pointer', 'pointer', 'uint64'])

/** The calling thread's errno; only meaningful directly after a failed call. */
export function errno(): number {
  return getInt32(libc().errnoLocation())
}

/** A system call that failed. `code` is the symbolic name, as with Node's own file system errors. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError'
  readonly code: string
  readonly errno: number
  readonly syscall: string
  readonly path: string | undefined

  constructor(syscall: string, number: number, path?: Path) {
    const code = getSystemErrorName(-number)
    const text = path === undefined ? undefined : typeof path === 'string' ? path : Buffer.from(path).toString()
    super(text === undefined ? `${syscall}: ${code}` : `${syscall} ${JSON.stringify(text)}: ${code}`)
    this.code = code
    this.errno = number
    this.syscall = syscall
    this.path = text
  }
}

/** Throws the error of the call that just failed. */
export function fail(syscall: string, path?: Path): never {
  throw new SyscallError(syscall, errno(), path)
}

/** Passes a result of zero or more on, throws for a negative one. */
export function checked(result: number | bigint, syscall: string, path?: Path): number {
  return result < 0 ? fail(syscall, path) : Number(result)
}

const EINVAL = 22

/** Memory for short paths, in turn: no call takes as many, and each is over before they come round again. */
const scratchSize = 1024
const scratch = Array.from({ length: 8 }, () => Buffer.alloc(scratchSize))
let turn = 0

/** The bytes C expects, for the next call only: NUL at the end, and none before it. @throws SyscallError EINVAL */
export function cString(text: Path): Buffer {
  const most = mostBytes(text)
  const usual = most < scratchSize ? scratch[turn++ % scratch.length] : undefined
  return write(text, usual ?? Buffer.allocUnsafe(most + 1))
}

/** One after the other in memory of their own, each as {@link cString}: for many, or to outlive a call. @throws SyscallError EINVAL */
export function cStrings(texts: readonly string[]): Buffer {
  const broken = texts.find(text => text.includes('\0'))
  if (broken !== undefined) throw new SyscallError('path', EINVAL, broken)
  return Buffer.from(`${texts.join('\0')}\0`)
}

const mostBytes = (text: Path): number => (typeof text === 'string' ? 3 * text.length : text.length)

function write(text: Path, bytes: Buffer): Buffer {
  const end = typeof text === 'string' ? bytes.write(text) : put(text, bytes)
  bytes[end] = 0
  if (bytes.indexOf(0) !== end) throw new SyscallError('path', EINVAL, text)
  return bytes
}

function put(text: Uint8Array, into: Buffer): number {
  into.set(text)
  return text.length
}
