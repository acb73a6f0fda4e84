import { type BigIntStats, fstatSync, lstatSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { close, lgetxattr, llistxattr, O_NOFOLLOW, O_PATH, splitdev, tryOpenat } from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { Blocks } from './blocks.ts'
import { type ByteString, fromBytes, shown, toBytes } from './bytes.ts'
import { kindOf } from './entry.ts'
import { endOfArchive, entryHeader, type PackedEntry, padding } from './write.ts'

const O_NONBLOCK = 0o4000
const pieceSize = 256 * 1024

/** What to put into an archive instead of a file itself. */
export type PackVerdict =
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'skip' }
  /** A marker of deletion beside or in place of the file. */
  | { readonly kind: 'deleted' }
  | { readonly kind: 'opaque' }

/** A file met on the walk. */
export interface Met {
  readonly path: ByteString
  readonly stat: BigIntStats
  /** `/proc/self/fd/…/name`: safe to read attributes by. */
  readonly at: Buffer
}

export interface PackOptions {
  /** Left out: everything goes in as it is. */
  readonly judge?: (met: Met) => PackVerdict
  /** Paths that are gone, to be marked so in their directories. */
  readonly deleted?: readonly ByteString[]
  /** Ids as the archive should have them. */
  readonly owner?: (uid: number, gid: number) => readonly [uid: number, gid: number]
}

/**
 * A directory's content as a tar (ustar, with PAX records where needed), names in byte order, without the directory
 * itself. What goes before it is reached is left out. Links are never followed, sockets left out, times cut to seconds; of extended attributes `security.capability`
 * and `user.*` are kept.
 * @throws StorageError IO
 */
export async function* packTree(root: string, options: PackOptions = {}): AsyncGenerator<Uint8Array> {
  const walk = new Walk(options)
  yield* inBlocks(walk.directory(Buffer.from(root), ''), walk.deletions(options.deleted ?? []))
}

/** One file, or a directory with all in it, as a tar under another name; `at` is not followed when it is a link. @throws StorageError IO */
export async function* packEntry(at: string, name: string): AsyncGenerator<Uint8Array> {
  yield* inBlocks(new Walk({}).file(Buffer.from(at), name))
}

function* inBlocks(...parts: readonly Generator<Uint8Array>[]): Generator<Uint8Array> {
  const blocks = new Blocks()
  for (const part of parts) for (const piece of part) yield* blocks.add(piece)
  yield* blocks.add(endOfArchive)
  yield* blocks.end()
}

class Walk {
  readonly #options: PackOptions
  readonly #links = new Map<string, ByteString>()

  constructor(options: PackOptions) {
    this.#options = options
  }

  *directory(at: Buffer, path: ByteString): Generator<Uint8Array> {
    const fd = tryOpenat(-100, at, O_PATH | O_NOFOLLOW)
    if (path !== '' && goneResults.has(fd)) return
    if (fd < 0) throw new StorageError('IO', `${shown(path)} cannot be read`, { subject: path })
    try {
      const handle = Buffer.from(`/proc/self/fd/${fd}/`)
      for (const name of sorted(namesIn(handle))) {
        yield* this.file(Buffer.concat([handle, toBytes(name)]), path === '' ? name : `${path}/${name}`)
      }
    } finally {
      close(fd)
    }
  }

  /** Markers for what is not there to be met. */
  *deletions(paths: readonly ByteString[]): Generator<Uint8Array> {
    for (const path of paths) yield entryHeader(this.#marker(path, undefined))
  }

  *file(at: Buffer, path: ByteString): Generator<Uint8Array> {
    const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined || stat.isSocket()) return
    const { kind } = this.#options.judge?.({ path, stat, at }) ?? { kind: 'as-it-is' }
    if (kind === 'skip') return
    if (kind === 'deleted') return yield entryHeader(this.#marker(path, stat))
    const entry = unlessGone(() => this.#entry({ path, stat, at }))
    if (entry === undefined) return this.#forget(stat)
    if (entry.kind === 'file') return yield* contents(at, entry, () => this.#forget(stat))
    yield entryHeader(entry)
    if (kind === 'opaque') yield entryHeader({ ...this.#marker(`${path}/.wh..opq`, stat), mode: entry.mode })
    if (stat.isDirectory()) yield* this.directory(at, path)
  }

  /** An empty file whose name says what is gone. */
  #marker(path: ByteString, stat: BigIntStats | undefined): PackedEntry {
    const slash = path.lastIndexOf('/') + 1
    const [uid, gid] = stat ? this.#owner(stat) : [0, 0]
    const name = `${path.slice(0, slash)}.wh.${path.slice(slash)}`
    return { ...plain, kind: 'file', name, mode: 0, uid, gid, mtimeNs: stat?.mtimeNs ?? 0n }
  }

  #entry({ path, stat, at }: Met): PackedEntry {
    const kind = kindOf(stat)
    const [uid, gid] = this.#owner(stat)
    const [devMajor, devMinor] = kind === 'character' || kind === 'block' ? splitdev(Number(stat.rdev)) : [0, 0]
    const base = { kind, uid, gid, devMajor, devMinor, mode: Number(stat.mode) & 0o7777, mtimeNs: stat.mtimeNs }
    const name = kind === 'directory' ? `${path}/` : path
    const first = this.#firstLink(path, stat)
    if (first !== undefined) return { ...base, kind: 'hardlink', name, linkName: first, size: 0, xattrs: xattrs(at) }
    const linkName = kind === 'symlink' ? fromBytes(readlinkSync(at, { encoding: 'buffer' })) : ''
    return { ...base, name, linkName, size: kind === 'file' ? Number(stat.size) : 0, xattrs: xattrs(at) }
  }

  /** The name under which a file with several came first. */
  #firstLink(path: ByteString, stat: BigIntStats): ByteString | undefined {
    if (stat.nlink < 2n || stat.isDirectory()) return undefined
    const key = `${stat.dev}:${stat.ino}`
    const first = this.#links.get(key)
    if (first === undefined) this.#links.set(key, path)
    return first
  }

  /** What went before it was in the archive cannot be linked to. */
  #forget(stat: BigIntStats): void {
    this.#links.delete(`${stat.dev}:${stat.ino}`)
  }

  #owner(stat: BigIntStats): readonly [number, number] {
    const [uid, gid] = [Number(stat.uid), Number(stat.gid)]
    return this.#options.owner?.(uid, gid) ?? [uid, gid]
  }
}

/** ENOENT, and ESRCH of a process's files in /proc. */
const goneResults: ReadonlySet<number> = new Set([-2, -3])
const goneCodes: ReadonlySet<unknown> = new Set(['ENOENT', 'ESRCH'])

/** Somebody may remove at any time what was met. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (!goneCodes.has((error as { readonly code?: unknown }).code)) throw error
    return undefined
  }
}

const namesIn = (directory: Buffer): readonly Buffer[] =>
  unlessGone(() => readdirSync(directory, { encoding: 'buffer' })) ?? []

const plain = { linkName: '', size: 0, devMajor: 0, devMinor: 0, xattrs: new Map<string, Buffer>() } as const

const sorted = (names: readonly Buffer[]): ByteString[] => names.map(fromBytes).sort((a, b) => (a < b ? -1 : 1))

/** Capabilities and the user's own attributes; overlayfs's are bookkeeping. */
function xattrs(at: Buffer): ReadonlyMap<string, Buffer> {
  const names = llistxattr(at).filter(
    name => name === 'security.capability' || /^user\.(?!overlay\.|fuseoverlayfs\.)/.test(name),
  )
  return new Map(names.map(name => [name, lgetxattr(at, name) ?? Buffer.alloc(0)]))
}

/** Every piece of a file is copied before the next is read. */
let shared: Buffer | undefined

/** What is read at most of a file that is said to be empty. */
const untoldSize = 32 * 1024 * 1024

/**
 * The size is the opened file's, or, as far as a piece goes, what there is to read: the kernel's own files (/proc, /sys) are said
 * to be empty or a page long. A file that grows meanwhile is cut, a large one that shrinks is an error.
 */
function* contents(at: Buffer, entry: PackedEntry, gone: () => void): Generator<Uint8Array> {
  const fd = tryOpenat(-100, at, O_NOFOLLOW | O_NONBLOCK)
  if (goneResults.has(fd)) return gone()
  if (fd < 0) throw new StorageError('IO', `${shown(entry.name)} cannot be opened`, { subject: entry.name })
  try {
    const told = fstatSync(fd).size
    shared ??= Buffer.allocUnsafeSlow(pieceSize)
    const piece = shared
    if (told === 0) return yield* held(entry, untold(fd, piece))
    const first = readAt(fd, piece.subarray(0, told), 0)
    if (told <= piece.length || first < piece.length) return yield* held(entry, [piece.subarray(0, first)])
    yield entryHeader({ ...entry, size: told })
    yield piece
    for (let offset = first; offset < told; ) {
      const length = readSync(fd, piece, 0, Math.min(piece.length, told - offset), offset)
      if (length === 0) throw new StorageError('IO', `${shown(entry.name)} became shorter while it was read`)
      offset += length
      yield piece.subarray(0, length)
    }
    yield padding(told)
  } finally {
    close(fd)
  }
}

/** An entry of what has been read already. */
function* held(entry: PackedEntry, pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0)
  yield entryHeader({ ...entry, size })
  yield* pieces
  yield padding(size)
}

function untold(fd: number, piece: Buffer): readonly Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let offset = 0; offset < untoldSize; offset += piece.length) {
    const length = readAt(fd, piece, offset)
    if (length > 0) pieces.push(Buffer.from(piece.subarray(0, length)))
    if (length < piece.length) break
  }
  return pieces
}

/** Fills the buffer as far as the file goes; how far. */
function readAt(fd: number, buffer: Buffer, offset: number): number {
  let filled = 0
  while (filled < buffer.length) {
    const length = readSync(fd, buffer, filled, buffer.length - filled, offset + filled)
    if (length === 0) break
    filled += length
  }
  return filled
}
