import { createHash } from 'node:crypto'
import { type BigIntStats, linkSync, lstatSync, readSync, renameSync, rmSync } from 'node:fs'
import { close, lgetxattr, llistxattr, O_NOFOLLOW, openat, utimensat } from '@libpod/syscall'
import { randomId } from '../random-id.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { nameIn } from '../rooted/name-in.ts'
import { Root } from '../rooted/root.ts'
import { fromBytes } from '../tar/bytes.ts'
import type { FoundContents } from './contents.ts'

const O_NONBLOCK = 0o4000
const AT_FDCWD = -100
const pieceSize = 1024 * 1024

/**
 * Replaces files of an unpacked layer by links to the files of other layers that have their content, where owner, mode,
 * time and attributes are the same too. Gives the bytes that are then there once. A file that cannot be linked stays.
 */
export function linkFiles(unpacked: string, contents: FoundContents, files: ReadonlyMap<string, string>): number {
  using root = new Root(unpacked)
  let saved = 0
  for (const [name, digest] of files) {
    const [directory, base] = splitPath(cleanPath(fromBytes(Buffer.from(name))))
    const source = contents.file(digest)
    if (source === undefined) continue
    const fd = root.directory(directory)
    saved += linkOne(source, { directory: nameIn(fd, '.'), file: nameIn(fd, base), fd }, digest)
  }
  return saved
}

interface Target {
  readonly directory: Buffer
  readonly file: Buffer
  readonly fd: number
}

function linkOne(source: Buffer, target: Target, digest: string): number {
  const temporary = nameIn(target.fd, `.link-${randomId().slice(0, 16)}`)
  const times = lstatSync(target.directory, { bigint: true })
  try {
    const [from, to] = [lstatSync(source, { bigint: true }), lstatSync(target.file, { bigint: true })]
    if (!isSame(from, to) || !haveSameAttributes(source, target.file)) return 0
    if ([source, target.file].some(path => digestOf(path, digest) !== digest)) return 0
    linkSync(source, temporary)
    renameSync(temporary, target.file)
    return Number(to.size)
  } catch {
    // Another file system, too many links: the copy will do.
    rmSync(temporary, { force: true })
    return 0
  } finally {
    utimensat({ dirfd: target.fd, name: Buffer.from('.') }, times.atimeNs, times.mtimeNs)
  }
}

const isSame = (from: BigIntStats, to: BigIntStats): boolean =>
  from.isFile() &&
  to.isFile() &&
  from.dev === to.dev &&
  from.ino !== to.ino &&
  from.size === to.size &&
  from.uid === to.uid &&
  from.gid === to.gid &&
  from.mode === to.mode &&
  from.mtimeNs === to.mtimeNs

function haveSameAttributes(one: Buffer, other: Buffer): boolean {
  const [names, others] = [llistxattr(one).toSorted(), llistxattr(other).toSorted()]
  const isEqual = (name: string): boolean =>
    lgetxattr(one, name)?.equals(lgetxattr(other, name) ?? Buffer.alloc(0)) === true
  return names.join('\0') === others.join('\0') && names.every(isEqual)
}

/** What the file holds now, by the digest's own algorithm. */
function digestOf(path: Buffer, digest: string): string {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  const hash = createHash(algorithm)
  const fd = openat(AT_FDCWD, path, O_NOFOLLOW | O_NONBLOCK)
  try {
    const piece = Buffer.allocUnsafe(pieceSize)
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) hash.update(piece.subarray(0, read))
  } finally {
    close(fd)
  }
  return `${algorithm}:${hash.digest('hex')}`
}
