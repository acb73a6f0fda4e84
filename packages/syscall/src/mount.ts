import { bind, checked, cString, type Path } from './libc.ts'

export const MS_RDONLY = 0x1
export const MS_NOSUID = 0x2
export const MS_NODEV = 0x4
export const MS_NOEXEC = 0x8
export const MS_SYNCHRONOUS = 0x10
export const MS_REMOUNT = 0x20
export const MS_MANDLOCK = 0x40
export const MS_DIRSYNC = 0x80
export const MS_NOSYMFOLLOW = 0x100
export const MS_NOATIME = 0x400
export const MS_NODIRATIME = 0x800
export const MS_BIND = 0x1000
export const MS_MOVE = 0x2000
export const MS_REC = 0x4000
export const MS_SILENT = 0x8000
export const MS_UNBINDABLE = 0x20000
export const MS_PRIVATE = 0x40000
export const MS_SLAVE = 0x80000
export const MS_SHARED = 0x100000
export const MS_RELATIME = 0x200000
export const MS_STRICTATIME = 0x1000000
export const MS_LAZYTIME = 0x2000000

export const MNT_FORCE = 1
export const MNT_DETACH = 2
export const MNT_EXPIRE = 4
export const UMOUNT_NOFOLLOW = 8

const callMount = bind('mount', 'int32', ['pointer', 'pointer', 'pointer', 'uint64', 'pointer'])
const callUmount = bind('umount2', 'int32', ['pointer', 'int32'])

/** The file system's own options: a page at most, its last byte NUL. */
const longestData = 4095

/**
 * mount(2), with its arguments in its order: `source` and `type` may be '' where the kernel ignores them (binds, changes
 * of propagation), `flags` are MS_*, `data` the file system's own options.
 * @throws SyscallError; RangeError with code E2BIG when `data` does not fit the kernel's page
 */
export function mount(...args: [source: Path, target: Path, type: string, flags: number, data?: Path]): void {
  const [source, target, type, flags, data = ''] = args
  if (Buffer.byteLength(data) > longestData) throw tooLong(target)
  const text = [cString(source), cString(target), cString(type)] as const
  checked(callMount(...text, BigInt(flags), cString(data)), 'mount', target)
}

function tooLong(target: Path): RangeError {
  return Object.assign(new RangeError(`mount options of ${Buffer.from(target)} exceed a page`), { code: 'E2BIG' })
}

/** umount2(2); `flags` of MNT_DETACH and its kin. @throws SyscallError EINVAL when nothing is mounted there, EBUSY */
export function umount(target: Path, flags = 0): void {
  checked(callUmount(cString(target), flags), 'umount2', target)
}
