import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { RuntimeToolsError } from '../errors.ts'
import { accountsFileLimit } from './parse.ts'
import type { AccountFiles } from './resolve.ts'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants
const O_PATH = 0o10000000
const mostLinks = 40

/**
 * /etc/passwd and /etc/group of a root file system that nobody vouches for. Every step is taken from a handle of the directory before
 * it, links lead to places of this root only, and what is read is a regular file of at most 1 MiB; a missing file is an empty text.
 * @throws RuntimeToolsError ACCOUNTS_TOO_LARGE, PATH_INVALID when there is a pipe or device, or links go in a circle
 */
export function readAccountFiles(rootfs: string): AccountFiles {
  return { passwd: readInside(rootfs, 'etc/passwd'), group: readInside(rootfs, 'etc/group') }
}

function readInside(rootfs: string, path: string): string {
  const directories = [openSync(rootfs, O_RDONLY | O_DIRECTORY)]
  try {
    return walk(directories, path.split('/'))
  } finally {
    for (const fd of directories) closeSync(fd)
  }
}

/** `directories` are handles from the root to where the walk is; `..` goes back along them and never above the first. */
function walk(directories: number[], path: readonly string[]): string {
  const left = [...path]
  for (let links = 0; left.length > 0; ) {
    const name = left.shift() ?? ''
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (directories.length > 1) closeSync(directories.pop() ?? -1)
      continue
    }
    const fd = open(`/proc/self/fd/${directories.at(-1)}/${name}`, O_PATH | O_NOFOLLOW)
    if (fd === undefined) return ''
    const info = fstatSync(fd)
    if (info.isDirectory()) directories.push(fd)
    else if (!info.isSymbolicLink()) return left.length > 0 ? closed(fd, '') : readHandle(fd, path.join('/'))
    else {
      if (++links > mostLinks) throw refused(path.join('/'), 'goes through too many links')
      const target = closed(fd, readlinkSync(`/proc/self/fd/${directories.at(-1)}/${name}`))
      if (target.startsWith('/')) for (const up of directories.splice(1)) closeSync(up)
      left.unshift(...target.split('/'))
    }
  }
  return ''
}

/** The file behind an O_PATH handle, opened anew: what is at its name by now does not matter. */
function readHandle(handle: number, path: string): string {
  try {
    if (!fstatSync(handle).isFile()) throw refused(path, 'is no regular file')
    const fd = openSync(`/proc/self/fd/${handle}`, O_RDONLY | O_NONBLOCK)
    try {
      return readText(fd, path)
    } finally {
      closeSync(fd)
    }
  } finally {
    closeSync(handle)
  }
}

function readText(fd: number, path: string): string {
  const { size } = fstatSync(fd)
  if (size > accountsFileLimit) {
    const reason = `/${path} is larger than ${accountsFileLimit} bytes`
    throw new RuntimeToolsError('ACCOUNTS_TOO_LARGE', reason, { subject: path })
  }
  const bytes = Buffer.alloc(size)
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0))
}

function open(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function closed<T>(fd: number, value: T): T {
  closeSync(fd)
  return value
}

const refused = (path: string, reason: string) =>
  new RuntimeToolsError('PATH_INVALID', `/${path} of the root file system ${reason}`, { subject: path })
