import { bind, checked, cString, type Path } from './libc.ts'

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100

export const S_IFIFO = 0o010000
export const S_IFCHR = 0o020000
export const S_IFBLK = 0o060000

const callMknodat = bind('mknodat', 'int32', ['int32', 'pointer', 'uint32', 'uint64'])
const callUtimensat = bind('utimensat', 'int32', ['int32', 'pointer', 'pointer', 'int32'])

/** A device number from its halves, as glibc's makedev(3). */
export function makedev(major: number, minor: number): number {
  const high = BigInt(major)
  const low = BigInt(minor)
  return Number(
    ((high & 0xffff_f000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffff_ff00n) << 12n) | (low & 0xffn),
  )
}

/** The halves of a device number: [major, minor]. */
export function splitdev(rdev: number): readonly [number, number] {
  const device = BigInt(rdev)
  const major = ((device >> 32n) & 0xffff_f000n) | ((device >> 8n) & 0xfffn)
  const minor = ((device >> 12n) & 0xffff_ff00n) | (device & 0xffn)
  return [Number(major), Number(minor)]
}

/** mknod(2): `mode` holds the type (S_IFCHR …) and permissions, cut by the umask. @throws SyscallError */
export function mknod(path: Path, mode: number, rdev: number): void {
  checked(callMknodat(AT_FDCWD, cString(path), mode, BigInt(rdev)), 'mknod', path)
}

/** mkfifo(3). @throws SyscallError */
export function mkfifo(path: Path, mode: number): void {
  mknod(path, S_IFIFO | mode, 0)
}

const second = 1_000_000_000n
/** One buffer for all calls: each is over before the next begins, and every thread has its own copy of this module. */
const times = new BigInt64Array(4)
/** What lies in it: files of one archive often have the same. */
let held: readonly [atimeNs: bigint, mtimeNs: bigint] = [0n, 0n]

/** Two struct timespec; times before 1970 have negative seconds and nanoseconds counted upwards. */
export function timespecs(atimeNs: bigint, mtimeNs: bigint): BigInt64Array {
  if (held[0] === atimeNs && held[1] === mtimeNs) return times
  held = [atimeNs, mtimeNs]
  const [atime, mtime] = [((atimeNs % second) + second) % second, ((mtimeNs % second) + second) % second]
  times[0] = (atimeNs - atime) / second
  times[1] = atime
  times[2] = (mtimeNs - mtime) / second
  times[3] = mtime
  return times
}

/** Sets access and modification time in nanoseconds since 1970; a symlink's own when it is one. @throws SyscallError */
export function lutimesNs(path: Path, atimeNs: bigint, mtimeNs: bigint): void {
  checked(callUtimensat(AT_FDCWD, cString(path), timespecs(atimeNs, mtimeNs), AT_SYMLINK_NOFOLLOW), 'utimensat', path)
}
