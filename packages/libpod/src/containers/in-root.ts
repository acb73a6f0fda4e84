import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import {
  close,
  fchown,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openat2,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  SyscallError,
  symlinkat,
  tryMkdirat,
  tryUnlinkat,
} from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import type { DirectoryEntry } from './containers.ts'

/** The largest passwd or group file that is read. */
const limit = 1 << 20
const inRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS

/**
 * A container's root, and below it files that a container may swap for links at any moment: every walk is one openat2(2) that cannot
 * leave the root.
 */
export interface Root {
  /** Of the root directory. */
  readonly fd: number
  [Symbol.dispose](): void
}

export function openRoot(path: string): Root {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  return { fd, [Symbol.dispose]: () => closeSync(fd) }
}

/**
 * The text of a small file of a container's root, every link resolved within that root; undefined when there is none.
 * @throws LibpodError IMAGE_INVALID when it is larger than 1 MiB, or a pipe or device, which whoever reads it would wait for
 */
export function readInRoot(root: number, path: string): string | undefined {
  const fd = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (fd === undefined) return undefined
  try {
    const info = fstatSync(fd)
    if (info.isDirectory()) return undefined
    if (!info.isFile()) throw invalid(path, 'is no regular file')
    if (info.size > limit) throw invalid(path, `is larger than ${limit} bytes`)
    const { size } = info
    const bytes = Buffer.alloc(size)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0))
  } finally {
    close(fd)
  }
}

const invalid = (path: string, reason: string) =>
  new LibpodError('IMAGE_INVALID', `${path} in the container ${reason}`, { subject: path })

/** Adds to the end of a regular file, made when there is none; what is no regular file stays as it is. */
export function appendInRoot(root: number, path: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
  const fd = openInRoot(root, path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK)
  if (fd === undefined) return
  try {
    if (fstatSync(fd).isFile()) writeSync(fd, text)
  } finally {
    close(fd)
  }
}

/** What is at a path of the root, links followed within it; undefined when nothing is. */
export function kindInRoot(root: number, path: string): 'directory' | 'other' | undefined {
  const fd = openInRoot(root, path, O_PATH)
  if (fd === undefined) return undefined
  try {
    return fstatSync(fd).isDirectory() ? 'directory' : 'other'
  } finally {
    close(fd)
  }
}

/** What a directory of the root holds, links followed within the root on the way to it; undefined when there is none. */
export function entriesInRoot(root: number, path: string): readonly DirectoryEntry[] | undefined {
  const fd = openInRoot(root, path, constants.O_RDONLY | O_DIRECTORY)
  if (fd === undefined) return undefined
  try {
    return readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true }).map(entry => ({
      name: entry.name,
      kind: entry.isDirectory() ? 'directory' : 'other',
    }))
  } finally {
    close(fd)
  }
}

/**
 * Makes a directory and those above it, each through a handle of the one before, and gives the last to its owner. A link that leads
 * nowhere is left alone, and so is what lies behind it.
 */
export function makeDirectoryInRoot(
  root: number,
  path: string,
  owner: { readonly uid: number; readonly gid: number },
): void {
  const parts = path.split('/').filter(part => part !== '')
  const made = parts.map((name, at) => makeOne(root, parts.slice(0, at).join('/'), name))
  if (made.at(-1) !== 'made') return
  const fd = openInRoot(root, path, O_DIRECTORY)
  if (fd === undefined) return
  try {
    fchown(fd, owner.uid, owner.gid)
  } finally {
    close(fd)
  }
}

function makeOne(root: number, parent: string, name: string): 'made' | 'there' | 'unreachable' {
  const fd = openInRoot(root, parent === '' ? '.' : parent, O_PATH | O_DIRECTORY)
  if (fd === undefined) return 'unreachable'
  try {
    return tryMkdirat(fd, name, 0o755) === 0 ? 'made' : 'there'
  } finally {
    close(fd)
  }
}

/** Puts a link at a path, instead of a file or link there (`replace`) or only where there is nothing. */
export function linkInRoot(
  root: number,
  path: string,
  link: { readonly target: string; readonly over: 'replace' | 'keep' },
): void {
  const at = path.lastIndexOf('/')
  const fd = openInRoot(root, path.slice(0, at) || '.', O_PATH | O_DIRECTORY)
  if (fd === undefined) return
  try {
    if (link.over === 'replace') tryUnlinkat(fd, path.slice(at + 1), 'file')
    symlinkat(link.target, fd, path.slice(at + 1))
  } catch (error) {
    if (!(error instanceof SyscallError) || !['EEXIST', 'EROFS', 'EACCES'].includes(error.code)) throw error
  } finally {
    close(fd)
  }
}

/** Whether the way to a path goes through a link, wherever that leads. */
export function hasLinkInRoot(root: number, path: string): boolean {
  const parts = path.split('/').filter(part => part !== '')
  return parts.some((_, at) => isLink(root, parts.slice(0, at + 1).join('/')))
}

/** Where there is a link in the root directory itself, an empty directory takes its place. */
export function directoryForLink(root: number, name: string): void {
  if (!isLink(root, name)) return
  tryUnlinkat(root, name, 'file')
  tryMkdirat(root, name, 0o755)
}

function isLink(root: number, path: string): boolean {
  const fd = openInRoot(root, path, O_PATH | O_NOFOLLOW)
  if (fd === undefined) return false
  try {
    return fstatSync(fd).isSymbolicLink()
  } finally {
    close(fd)
  }
}

function openInRoot(root: number, path: string, flags: number): number | undefined {
  try {
    return openat2(root, path, { flags, ...(flags & constants.O_CREAT ? { mode: 0o644 } : {}), resolve: inRoot })
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENXIO', 'EISDIR', 'EROFS']
    if (error instanceof SyscallError && absent.includes(error.code)) return undefined
    throw error
  }
}
