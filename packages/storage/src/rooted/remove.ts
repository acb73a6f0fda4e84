import { readdirSync } from 'node:fs'
import {
  close,
  O_DIRECTORY,
  O_NOFOLLOW,
  type Path,
  renameat,
  SyscallError,
  tryOpenat,
  tryUnlinkat,
} from '@libpod/syscall'

const AT_FDCWD = -100
const ENOENT = -2
const ENOTDIR = -20
const ELOOP = -40
const EISDIR = -21
const EPERM = -1
const ENOTEMPTY = -39
/** How often what others put into a directory meanwhile goes with it. */
const tries = 10
/** Below this a directory is first moved up, so that hostile depth costs neither stack nor descriptors. */
const deepest = 32

/**
 * Removes a file or a whole tree. Links are removed, never followed, also when somebody swaps directories for links
 * meanwhile. What is gone already, or is taken away meanwhile, is no error, as it ends Node's own `rmSync` without a word. Needs
 * no space on the device.
 * @throws SyscallError
 */
export function removeTree(path: Path): void {
  const unlinked = tryUnlinkat(AT_FDCWD, path, 'file')
  if (unlinked === 0 || unlinked === ENOENT || unlinked === ENOTDIR) return
  if (unlinked !== EISDIR && unlinked !== EPERM) throw new SyscallError('unlinkat', -unlinked, path)
  const fd = openDirectory(AT_FDCWD, path)
  if (fd !== undefined) removeOpened(fd, { dirfd: AT_FDCWD, name: path }, { top: fd, depth: 0 })
}

/** Removes everything in a directory, not the directory. @throws SyscallError */
export function emptyTree(path: Path): void {
  const fd = openDirectory(AT_FDCWD, path)
  if (fd === undefined) return
  try {
    empty(fd, { top: fd, depth: 0 })
  } finally {
    close(fd)
  }
}

interface Walk {
  /** Where directories that lie too deep are moved to. */
  readonly top: number
  readonly depth: number
}

function empty(dirfd: number, walk: Walk): void {
  for (;;) {
    const entries = readdirSync(`/proc/self/fd/${dirfd}`, { encoding: 'buffer', withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isDirectory()) removeFile(dirfd, entry.name, walk)
      else if (walk.depth < deepest) removeDirectory(dirfd, entry.name, walk)
      else moveUp(dirfd, entry.name, walk.top)
    }
    // The top is read again: directories may have been moved there.
    if (walk.depth > 0 || entries.length === 0) return
  }
}

function removeFile(dirfd: number, name: Buffer, walk: Walk): void {
  const result = tryUnlinkat(dirfd, name, 'file')
  if (result === EISDIR) removeDirectory(dirfd, name, walk)
  else check(result, name)
}

function removeDirectory(dirfd: number, name: Buffer, walk: Walk): void {
  const fd = openDirectory(dirfd, name)
  if (fd === undefined) {
    check(tryUnlinkat(dirfd, name, 'file'), name)
    return
  }
  removeOpened(fd, { dirfd, name }, { top: walk.top, depth: walk.depth + 1 })
}

/** Empties a directory and removes it, again when somebody put something into it in between; closes it. */
function removeOpened(fd: number, { dirfd, name }: { dirfd: number; name: Path }, walk: Walk): void {
  try {
    let removed = ENOTEMPTY
    for (let left = tries; removed === ENOTEMPTY && left > 0; left--) {
      empty(fd, walk)
      removed = tryUnlinkat(dirfd, name, 'directory')
    }
    check(removed, name)
  } finally {
    close(fd)
  }
}

let moves = 0

function moveUp(dirfd: number, name: Buffer, top: number): void {
  renameat({ dirfd, name }, { dirfd: top, name: `.deep-${process.pid}-${moves++}` })
}

/** Undefined when it is gone or no directory after all. */
function openDirectory(dirfd: number, name: Path): number | undefined {
  const flags = O_DIRECTORY | O_NOFOLLOW
  const fd = tryOpenat(dirfd, name, flags)
  if (fd >= 0) return fd
  if (fd === ENOENT || fd === ENOTDIR || fd === ELOOP) return undefined
  throw new SyscallError('openat', -fd, name)
}

function check(result: number, name: Path): void {
  if (result < 0 && result !== ENOENT) throw new SyscallError('unlinkat', -result, name)
}
