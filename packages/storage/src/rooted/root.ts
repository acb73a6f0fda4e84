import {
  close,
  O_DIRECTORY,
  O_NOFOLLOW,
  openat,
  openat2,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  SyscallError,
  tryMkdirat,
  tryOpenat,
} from '@libpod/syscall'
import { type ByteString, toBytes } from '../tar/bytes.ts'
import { splitPath } from './clean-path.ts'

const AT_FDCWD = -100
const ENOENT = -2
const EEXIST = -17
const ENOTDIR = -20
const ELOOP = -40
const mostHandles = 128

/**
 * A directory tree that nothing may be written outside of. Every path is walked by handles, one name at a time, without
 * following links; a link on the way is then resolved by the kernel with this tree as its root. Handles of directories
 * are kept: before a directory in the tree is removed or renamed, {@link forget} them.
 */
export class Root implements Disposable {
  readonly #root: number
  readonly #handles = new Map<ByteString, number>()

  constructor(path: string) {
    this.#root = openat(AT_FDCWD, path, O_DIRECTORY | O_NOFOLLOW)
  }

  /**
   * A handle of the directory, valid until the next call. Missing directories are made where `made` says how.
   * @throws SyscallError ENOENT, ENOTDIR …
   */
  directory(path: ByteString, made?: (path: ByteString) => void): number {
    if (path === '') return this.#root
    const known = this.#handles.get(path)
    if (known !== undefined) return known
    const [parentPath, base] = splitPath(path)
    const parent = this.directory(parentPath, made)
    let fd = tryOpenat(parent, toBytes(base), O_DIRECTORY | O_NOFOLLOW)
    if (fd === ENOENT && made) {
      const result = tryMkdirat(parent, toBytes(base), 0o755)
      if (result < 0 && result !== EEXIST) throw new SyscallError('mkdirat', -result, toBytes(path))
      made(path)
      fd = tryOpenat(parent, toBytes(base), O_DIRECTORY | O_NOFOLLOW)
    }
    if (fd === ENOTDIR || fd === ELOOP) fd = this.#through(path)
    if (fd < 0) throw new SyscallError('openat', -fd, toBytes(path))
    return this.#keep(path, fd)
  }

  /** A link on the way: followed as a process would whose root this tree is. */
  #through(path: ByteString): number {
    const resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    return openat2(this.#root, toBytes(path), { flags: O_DIRECTORY, resolve })
  }

  #keep(path: ByteString, fd: number): number {
    if (this.#handles.size >= mostHandles) this.#forgetOldest()
    this.#handles.set(path, fd)
    return fd
  }

  #forgetOldest(): void {
    for (const [path, fd] of this.#handles) {
      close(fd)
      this.#handles.delete(path)
      if (this.#handles.size < mostHandles / 2) return
    }
  }

  /** Gives up the handles of a directory and of all below it: before it is removed. */
  forget(path: ByteString): void {
    for (const [kept, fd] of this.#handles) {
      if (kept !== path && !kept.startsWith(`${path}/`)) continue
      close(fd)
      this.#handles.delete(kept)
    }
  }

  [Symbol.dispose](): void {
    for (const fd of this.#handles.values()) close(fd)
    this.#handles.clear()
    close(this.#root)
  }
}
