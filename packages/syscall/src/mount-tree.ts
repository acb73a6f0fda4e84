import { O_CLOEXEC } from './at.ts'
import { checked, cString, type Path, syscall } from './libc.ts'

const SYS_open_tree = 428
const SYS_move_mount = 429
const SYS_openat2 = 437
const SYS_mount_setattr = 442

const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const OPEN_TREE_CLONE = 1
const MOVE_MOUNT_F_EMPTY_PATH = 4

export const AT_RECURSIVE = 0x8000
export const MOUNT_ATTR_RDONLY = 0x1
export const MOUNT_ATTR_NOSUID = 0x2
export const MOUNT_ATTR_NODEV = 0x4
export const MOUNT_ATTR_NOEXEC = 0x8
export const MOUNT_ATTR_IDMAP = 0x100000

export const RESOLVE_NO_XDEV = 0x1
export const RESOLVE_NO_MAGICLINKS = 0x2
export const RESOLVE_NO_SYMLINKS = 0x4
export const RESOLVE_BENEATH = 0x8
export const RESOLVE_IN_ROOT = 0x10

/** A detached copy of the mount at `path` as a descriptor (open_tree(2), OPEN_TREE_CLONE). @throws SyscallError */
export function openTree(path: Path, depth: 'one' | 'recursive' = 'one'): number {
  const flags = OPEN_TREE_CLONE | O_CLOEXEC | (depth === 'recursive' ? AT_RECURSIVE : 0)
  return checked(
    syscall(BigInt(SYS_open_tree), BigInt(AT_FDCWD), cString(path), BigInt(flags), null, 0n),
    'open_tree',
    path,
  )
}

/** What mount_setattr(2) changes: MOUNT_ATTR_* bits, a propagation (MS_PRIVATE …), a user namespace for idmapping. */
export interface MountAttributes {
  readonly set?: number
  readonly clear?: number
  readonly propagation?: number
  readonly usernsFd?: number
}

/** Changes the mount behind a descriptor of {@link openTree}. @throws SyscallError EINVAL, EPERM */
export function mountSetattr(treeFd: number, attributes: MountAttributes, depth: 'one' | 'recursive' = 'one'): void {
  const { set = 0, clear = 0, propagation = 0, usernsFd = 0 } = attributes
  const words = Buffer.alloc(32)
  for (const [index, word] of [set, clear, propagation, usernsFd].entries())
    words.writeBigUInt64LE(BigInt(word), index * 8)
  const flags = AT_EMPTY_PATH | (depth === 'recursive' ? AT_RECURSIVE : 0)
  const call = [BigInt(SYS_mount_setattr), BigInt(treeFd), cString(''), BigInt(flags), words, 32n] as const
  checked(syscall(...call), 'mount_setattr')
}

/** Attaches a detached mount at `target` (move_mount(2)). @throws SyscallError */
export function moveMount(treeFd: number, target: Path): void {
  const to = [BigInt.asUintN(64, BigInt(AT_FDCWD)), cString(target), BigInt(MOVE_MOUNT_F_EMPTY_PATH)] as const
  checked(syscall(BigInt(SYS_move_mount), BigInt(treeFd), cString(''), ...to), 'move_mount', target)
}

/** How {@link openat2} opens: O_* flags, a mode for what it makes, RESOLVE_* limits on the walk. */
export interface OpenHow {
  readonly flags: number
  readonly mode?: number
  readonly resolve?: number
}

/** openat2(2), always close-on-exec. @throws SyscallError EXDEV, ELOOP when the walk leaves its limits; ENOENT … */
export function openat2(dirfd: number, path: Path, how: OpenHow): number {
  const words = Buffer.alloc(24)
  words.writeBigUInt64LE(BigInt(how.flags | O_CLOEXEC), 0)
  words.writeBigUInt64LE(BigInt(how.mode ?? 0), 8)
  words.writeBigUInt64LE(BigInt(how.resolve ?? 0), 16)
  return checked(syscall(BigInt(SYS_openat2), BigInt(dirfd), cString(path), words, 24n, 0n), 'openat2', path)
}
