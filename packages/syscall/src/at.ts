import { bind, checked, cString, errno, type Path, SyscallError } from './libc.ts'
import { timespecs } from './node.ts'

/**
 * The calls that take a directory's descriptor and a name within it. A name without `/` can neither leave the directory
 * nor be redirected by whoever renames its parents meanwhile.
 */

export const O_PATH = 0o10000000
export const O_NOFOLLOW = 0o400000
export const O_DIRECTORY = 0o200000
export const O_CLOEXEC = 0o2000000

const AT_REMOVEDIR = 0x200
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_EMPTY_PATH = 0x1000

const callOpenat = bind('openat', 'int32', ['int32', 'pointer', 'int32', 'uint32'])
const callClose = bind('close', 'int32', ['int32'])
const callMkdirat = bind('mkdirat', 'int32', ['int32', 'pointer', 'uint32'])
const callUnlinkat = bind('unlinkat', 'int32', ['int32', 'pointer', 'int32'])
const callSymlinkat = bind('symlinkat', 'int32', ['pointer', 'int32', 'pointer'])
const callReadlinkat = bind('readlinkat', 'int64', ['int32', 'pointer', 'pointer', 'uint64'])
const callLinkat = bind('linkat', 'int32', ['int32', 'pointer', 'int32', 'pointer', 'int32'])
const callRenameat = bind('renameat', 'int32', ['int32', 'pointer', 'int32', 'pointer'])
const callMknodat = bind('mknodat', 'int32', ['int32', 'pointer', 'uint32', 'uint64'])
const callFchownat = bind('fchownat', 'int32', ['int32', 'pointer', 'uint32', 'uint32', 'int32'])
const callFchmodat = bind('fchmodat', 'int32', ['int32', 'pointer', 'uint32', 'int32'])
const callFchown = bind('fchown', 'int32', ['int32', 'uint32', 'uint32'])
const callFchmod = bind('fchmod', 'int32', ['int32', 'uint32'])
const callFutimens = bind('futimens', 'int32', ['int32', 'pointer'])
const callUtimensat = bind('utimensat', 'int32', ['int32', 'pointer', 'pointer', 'int32'])

/** openat(2), always close-on-exec. @throws SyscallError */
export function openat(dirfd: number, name: Path, flags: number, mode = 0): number {
  return checked(callOpenat(dirfd, cString(name), flags | O_CLOEXEC, mode), 'openat', name)
}

/** As {@link openat}, but a failure is its negated errno: for walks where a missing name is no surprise. */
export function tryOpenat(dirfd: number, name: Path, flags: number, mode = 0): number {
  const fd: number = callOpenat(dirfd, cString(name), flags | O_CLOEXEC, mode)
  return fd < 0 ? -errno() : fd
}

/**
 * close(2), for descriptors that this package opened: Node keeps its own list of those that `fs` opened, per worker
 * thread, and complains about strangers. @throws SyscallError EBADF
 */
export function close(fd: number): void {
  checked(callClose(fd), 'close')
}

/** mkdirat(2); 0, or the negated errno (EEXIST is -17). */
export function tryMkdirat(dirfd: number, name: Path, mode: number): number {
  return callMkdirat(dirfd, cString(name), mode) === 0 ? 0 : -errno()
}

/** unlinkat(2) of a file; 0, or the negated errno. */
export function tryUnlinkat(dirfd: number, name: Path, what: 'file' | 'directory'): number {
  return callUnlinkat(dirfd, cString(name), what === 'directory' ? AT_REMOVEDIR : 0) === 0 ? 0 : -errno()
}

/** symlinkat(2). @throws SyscallError */
export function symlinkat(target: Path, dirfd: number, name: Path): void {
  checked(callSymlinkat(cString(target), dirfd, cString(name)), 'symlinkat', name)
}

/** readlinkat(2), the bytes as they are. @throws SyscallError EINVAL when it is no link */
export function readlinkat(dirfd: number, name: Path): Buffer {
  const into = Buffer.alloc(4096)
  const length = checked(callReadlinkat(dirfd, cString(name), into, BigInt(into.length)), 'readlinkat', name)
  return Buffer.from(into.subarray(0, length))
}

/** A name in a directory. */
export interface At {
  readonly dirfd: number
  readonly name: Path
}

/** linkat(2), not following a link at `from`. @throws SyscallError */
export function linkat(from: At, to: At): void {
  checked(callLinkat(from.dirfd, cString(from.name), to.dirfd, cString(to.name), 0), 'linkat', to.name)
}

/** renameat(2). @throws SyscallError */
export function renameat(from: At, to: At): void {
  checked(callRenameat(from.dirfd, cString(from.name), to.dirfd, cString(to.name)), 'renameat', to.name)
}

/** mknodat(2). @throws SyscallError */
export function mknodat(at: At, mode: number, rdev: number): void {
  checked(callMknodat(at.dirfd, cString(at.name), mode, BigInt(rdev)), 'mknodat', at.name)
}

/** fchownat(2) of the name itself; of the descriptor when the name is ''. @throws SyscallError */
export function fchownat(at: At, uid: number, gid: number): void {
  const flags = AT_SYMLINK_NOFOLLOW | (at.name.length === 0 ? AT_EMPTY_PATH : 0)
  checked(callFchownat(at.dirfd, cString(at.name), uid, gid, flags), 'fchownat', at.name)
}

/** fchmodat(2). It would follow a symlink: only for names just made as something else. @throws SyscallError */
export function fchmodat(at: At, mode: number): void {
  checked(callFchmodat(at.dirfd, cString(at.name), mode, 0), 'fchmodat', at.name)
}

/** utimensat(2) of the name itself, in nanoseconds since 1970. @throws SyscallError */
export function utimensat(at: At, atimeNs: bigint, mtimeNs: bigint): void {
  const pair = timespecs(atimeNs, mtimeNs)
  const result: number = callUtimensat(at.dirfd, cString(at.name), pair, AT_SYMLINK_NOFOLLOW)
  if (result < 0) throw new SyscallError('utimensat', errno(), at.name)
}

/** fchown(2); unlike Node's, for descriptors of {@link openat} too. @throws SyscallError */
export function fchown(fd: number, uid: number, gid: number): void {
  checked(callFchown(fd, uid, gid), 'fchown')
}

/** fchmod(2), setuid bits included. @throws SyscallError */
export function fchmod(fd: number, mode: number): void {
  checked(callFchmod(fd, mode), 'fchmod')
}

/** futimens(3), in nanoseconds since 1970. @throws SyscallError */
export function futimens(fd: number, atimeNs: bigint, mtimeNs: bigint): void {
  checked(callFutimens(fd, timespecs(atimeNs, mtimeNs)), 'futimens')
}
