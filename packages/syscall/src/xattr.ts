import { bind, checked, cString, errno, type Path, SyscallError } from './libc.ts'

const ENODATA = 61
const ENOTSUP = 95
const ERANGE = 34

const callGet = bind('lgetxattr', 'int64', ['pointer', 'pointer', 'pointer', 'uint64'])
const callSet = bind('lsetxattr', 'int32', ['pointer', 'pointer', 'pointer', 'uint64', 'int32'])
const callFdSet = bind('fsetxattr', 'int32', ['int32', 'pointer', 'pointer', 'uint64', 'int32'])
const callList = bind('llistxattr', 'int64', ['pointer', 'pointer', 'uint64'])
const callRemove = bind('lremovexattr', 'int32', ['pointer', 'pointer'])

/** Attributes are at most 64 KiB in Linux, and nearly always a few bytes. */
const usual = Buffer.alloc(256)
const largest = 65536

/** The attribute's value, undefined when the file has none of that name. Links are not followed. @throws SyscallError */
export function lgetxattr(path: Path, name: string): Buffer | undefined {
  const value = read('lgetxattr', path, into => callGet(cString(path), cString(name), into, BigInt(into.length)))
  return value && Buffer.from(value)
}

/** The names of a file's attributes, none where the file system has no such thing. Links are not followed. */
export function llistxattr(path: Path): string[] {
  const names = read('llistxattr', path, into => callList(cString(path), into, BigInt(into.length)))
  return names === undefined ? [] : names.toString().split('\0').filter(Boolean)
}

function read(syscall: string, path: Path, call: (into: Buffer) => number | bigint): Buffer | undefined {
  for (const into of [usual, Buffer.alloc(0)]) {
    const buffer = into.length === 0 ? Buffer.alloc(largest) : into
    const length = call(buffer)
    if (length >= 0) return buffer.subarray(0, Number(length))
    const number = errno()
    if (number === ENODATA || number === ENOTSUP) return undefined
    if (number !== ERANGE || into.length === 0) throw new SyscallError(syscall, number, path)
  }
  return undefined
}

/** Sets an attribute, made or replaced. Links are not followed. @throws SyscallError ENOTSUP, EPERM … */
export function lsetxattr(path: Path, name: string, value: Uint8Array): void {
  checked(callSet(cString(path), cString(name), bytes(value), BigInt(value.length), 0), 'lsetxattr', path)
}

/** As {@link lsetxattr}, on an open file. */
export function fsetxattr(fd: number, name: string, value: Uint8Array): void {
  checked(callFdSet(fd, cString(name), bytes(value), BigInt(value.length), 0), 'fsetxattr')
}

/** Removes an attribute; false when there was none. @throws SyscallError */
export function lremovexattr(path: Path, name: string): boolean {
  if (callRemove(cString(path), cString(name)) === 0) return true
  const number = errno()
  if (number === ENODATA || number === ENOTSUP) return false
  throw new SyscallError('lremovexattr', number, path)
}

/** An empty view has no address to pass. */
const bytes = (value: Uint8Array): Uint8Array => (value.length === 0 ? Buffer.alloc(1) : value)
