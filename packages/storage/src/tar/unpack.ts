import { ftruncateSync, lstatSync } from 'node:fs'
import {
  close,
  fsetxattr,
  futimens,
  linkat,
  makedev,
  mknodat,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openat,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  SyscallError,
  symlinkat,
  tryMkdirat,
  tryOpenat,
  tryUnlinkat,
  utimensat,
} from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { nameIn } from '../rooted/name-in.ts'
import { removeTree } from '../rooted/remove.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, shown, toBytes } from './bytes.ts'
import { Dresser, type Place } from './dresser.ts'
import type { TarEntry } from './entry.ts'
import { OpenFile } from './open-file.ts'
import { duplicate, explain, limit, linkTarget, odd } from './unpack-errors.ts'
import type { UnpackOptions } from './unpack-options.ts'
import { parseWhiteout } from './whiteout.ts'

const O_WRONLY = 1
const O_CREAT = 0o100
const O_EXCL = 0o200

interface DirectoryTimes {
  readonly path: ByteString
  readonly atimeNs: bigint
  readonly mtimeNs: bigint
}

/**
 * Writes an archive's entries below a directory that held nothing, in overlayfs's form: deletions as character devices
 * 0:0 and attributes. Nothing is ever written outside. A name that comes twice is refused: the first file's data would
 * be lost, and with it the archive's digest.
 */
export class Unpacker implements Disposable {
  readonly #root: Root
  readonly #options: UnpackOptions
  readonly #directories: DirectoryTimes[] = []
  /** Directories that no entry has described so far. */
  readonly #implied = new Set<ByteString>()
  /** Directories in which new files are as they are made: the root, and those made in such. */
  readonly #made = new Set<ByteString>([''])
  readonly #dresser: Dresser
  #entries = 0
  #bytes = 0
  #sawRoot = false
  #file: OpenFile | undefined

  constructor(path: string, options: UnpackOptions) {
    this.#root = new Root(path)
    this.#options = options
    this.#dresser = new Dresser(path, options)
  }

  /** Every uid that an entry names, sorted. */
  get uids(): number[] {
    return this.#dresser.uids
  }

  get gids(): number[] {
    return this.#dresser.gids
  }

  /** Makes what the entry describes; a regular file is then open for `data`. @throws StorageError naming the entry */
  begin(entry: TarEntry): void {
    this.#count(entry)
    try {
      this.#make(entry, cleanPath(entry.name))
    } catch (error) {
      throw explain(error, entry)
    }
  }

  /** The next stored bytes of the open file. */
  data(bytes: Buffer, entry: TarEntry): void {
    if (this.#file === undefined) throw new StorageError('ARCHIVE_INVALID', `${shown(entry.name)} must not have data`)
    try {
      this.#file.write(bytes, entry)
    } catch (error) {
      throw explain(error, entry)
    }
  }

  /** Closes the open file, its owner, mode, attributes and times set. */
  finish(entry: TarEntry): void {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    try {
      if (entry.extents) ftruncateSync(file.fd, entry.size)
      this.#dresser.dressFile(file.fd, entry, file.parent)
      futimens(file.fd, accessTime(entry), entry.mtimeNs)
    } catch (error) {
      throw explain(error, entry)
    } finally {
      file[Symbol.dispose]() // by hand: `using` costs as much as a call to the kernel
    }
  }

  /** The directories' times, last of all, for whatever is made in one changes them. */
  end(): void {
    for (const { path, atimeNs, mtimeNs } of this.#directories) futimens(this.#root.directory(path), atimeNs, mtimeNs)
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]()
    this.#root[Symbol.dispose]()
  }

  #count(entry: TarEntry): void {
    this.#entries++
    this.#bytes += entry.stored
    const { mostEntries, mostBytes } = this.#options
    if (this.#entries > mostEntries) throw limit(`more than ${mostEntries} entries`)
    if (this.#bytes > mostBytes) throw limit(`more than ${mostBytes} bytes`)
  }

  #make(entry: TarEntry, path: ByteString): void {
    if (path === '') {
      this.#makeRoot(entry)
      return
    }
    const [directory, base] = splitPath(path)
    const parent = this.#root.directory(directory, made => {
      this.#implied.add(made)
      this.#noteMade(made)
    })
    const whiteout = this.#options.whiteouts === 'plain' ? ({ kind: 'none' } as const) : parseWhiteout(base)
    if (whiteout.kind === 'none') {
      this.#dresser.own(entry)
      this.#makeKind(entry, path, {
        dirfd: parent,
        name: toBytes(base),
        parent: this.#made.has(directory) ? 'made' : 'found',
      })
      return
    }
    if (entry.stored > 0) throw odd(entry, 'is a whiteout with data')
    if (whiteout.kind === 'opaque') fsetxattr(parent, this.#options.opaqueAttribute, Buffer.from('y'))
    if (whiteout.kind === 'deleted') this.#makeWhiteout(entry, parent, whiteout.name)
  }

  #makeKind(entry: TarEntry, path: ByteString, at: Place): void {
    switch (entry.kind) {
      case 'file':
        this.#makeFile(entry, at)
        break
      case 'directory':
        this.#makeDirectory(entry, path, at)
        break
      case 'symlink':
        this.#makeOther(entry, at, () => symlinkat(toBytes(entry.linkName), at.dirfd, at.name))
        break
      case 'hardlink':
        this.#makeHardLink(entry, at)
        break
      default:
        this.#makeDevice(entry, at)
    }
  }

  #makeRoot(entry: TarEntry): void {
    if (entry.kind !== 'directory')
      throw new StorageError('ARCHIVE_UNSAFE', `entry ${shown(entry.name)} would replace the root`)
    if (this.#sawRoot) throw duplicate(entry)
    this.#sawRoot = true
    this.#dresser.own(entry)
    if (this.#options.rootEntry === 'ignore') return
    this.#dresser.dressDirectory(this.#root.directory(''), entry)
    this.#directories.push({ path: '', atimeNs: accessTime(entry), mtimeNs: entry.mtimeNs })
  }

  #makeFile(entry: TarEntry, at: Place): void {
    const mode = this.#dresser.comesWithMode(entry, at.parent) ? entry.mode : 0o600
    const open = (): number => tryOpenat(at.dirfd, at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    this.#file = new OpenFile(this.#place(entry, at, open).result, at.parent)
  }

  #makeDirectory(entry: TarEntry, path: ByteString, at: Place): void {
    const implied = this.#implied.delete(path)
    const { replaced } = implied
      ? { replaced: false }
      : this.#place(entry, at, () => {
          const result = tryMkdirat(at.dirfd, at.name, 0o700)
          if (result === 0) this.#noteMade(path)
          return result
        })
    const fd = this.#root.directory(path)
    if (replaced) fsetxattr(fd, this.#options.opaqueAttribute, Buffer.from('y'))
    this.#dresser.dressDirectory(fd, entry)
    this.#directories.push({ path, atimeNs: accessTime(entry), mtimeNs: entry.mtimeNs })
  }

  #noteMade(path: ByteString): void {
    if (this.#made.has(splitPath(path)[0])) this.#made.add(path)
  }

  /** Symlinks and special files: made by name, and dressed by name. */
  #makeOther(entry: TarEntry, at: Place, make: () => void): void {
    this.#place(entry, at, () => attempt(make))
    this.#dresser.dressNamed(at, entry)
    utimensat(at, accessTime(entry), entry.mtimeNs)
  }

  #makeDevice(entry: TarEntry, at: Place): void {
    const isFifo = entry.kind === 'fifo'
    if (!isFifo && this.#options.userNamespace === 'yes') return
    const type = isFifo ? S_IFIFO : entry.kind === 'block' ? S_IFBLK : S_IFCHR
    const device = isFifo ? 0 : makedev(entry.devMajor, entry.devMinor)
    this.#makeOther(entry, at, () => mknodat(at, type | 0o600, device))
  }

  #makeHardLink(entry: TarEntry, at: Place): void {
    const target = linkTarget(entry)
    const [directory, base] = splitPath(target)
    // The handle `at` holds may be given up by the walk to the target: an own one may not.
    const into = openat(at.dirfd, '.', O_PATH | O_DIRECTORY)
    try {
      const from = { dirfd: this.#root.directory(directory), name: toBytes(base) }
      this.#place(entry, { ...at, dirfd: into }, () => attempt(() => linkat(from, { dirfd: into, name: at.name })))
    } finally {
      close(into)
    }
  }

  /** A deletion of something this layer has itself says that only the lower layers' is gone. */
  #makeWhiteout(entry: TarEntry, parent: number, name: ByteString): void {
    const at: Place = { dirfd: parent, name: toBytes(name), parent: 'found' }
    if (name === '' || name === '.' || name === '..') throw odd(entry, 'deletes nothing')
    const made = attempt(() => mknodat(at, S_IFCHR, 0))
    if (made === -17) {
      this.#hideLower(entry, at)
      return
    }
    if (made < 0) throw new SyscallError('mknodat', -made, at.name)
    this.#dresser.chownNamed(at, entry)
  }

  #hideLower(entry: TarEntry, at: Place): void {
    if (isWhiteout(at)) throw duplicate(entry)
    const fd = tryOpenat(at.dirfd, at.name, O_DIRECTORY | O_NOFOLLOW)
    if (fd < 0) return
    try {
      fsetxattr(fd, this.#options.opaqueAttribute, Buffer.from('y'))
    } finally {
      close(fd)
    }
  }

  /** Makes a name that must be new; only a deletion of the same layer may have been there before. */
  #place(entry: TarEntry, at: Place, make: () => number): { result: number; replaced: boolean } {
    const result = make()
    if (result >= 0) return { result, replaced: false }
    if (result !== -17) throw new SyscallError('make', -result, at.name)
    if (this.#options.existing !== 'refuse') return { result: this.#replace(entry, at, make), replaced: false }
    if (!isWhiteout(at)) throw duplicate(entry)
    tryUnlinkat(at.dirfd, at.name, 'file')
    const again = make()
    if (again < 0) throw new SyscallError('make', -again, at.name)
    return { result: again, replaced: true }
  }

  /** A directory stays where a directory is to be; anything else makes room. */
  #replace(entry: TarEntry, at: Place, make: () => number): number {
    const path = nameIn(at.dirfd, at.name)
    const wasDirectory = lstatSync(path).isDirectory()
    if (entry.kind === 'directory' && wasDirectory) return 0
    if (this.#options.existing === 'replace-same-kind' && wasDirectory !== (entry.kind === 'directory'))
      throw new StorageError(
        'ARCHIVE_OTHER_KIND',
        `entry ${shown(entry.name)} ${wasDirectory ? 'is no directory, but replaces one' : 'is a directory, but replaces none'}`,
        { subject: entry.name },
      )
    this.#root.forget(cleanPath(entry.name))
    this.#made.clear() // a link may take a directory's place
    removeTree(path)
    const again = make()
    if (again < 0) throw new SyscallError('make', -again, at.name)
    return again
  }
}

const accessTime = (entry: TarEntry): bigint =>
  entry.atimeNs !== undefined && entry.atimeNs > entry.mtimeNs ? entry.atimeNs : entry.mtimeNs

function isWhiteout(at: Place): boolean {
  const stat = lstatSync(nameIn(at.dirfd, at.name))
  return stat.isCharacterDevice() && stat.rdev === 0
}

/** The negated errno of a call that throws. */
function attempt(make: () => void): number {
  try {
    make()
    return 0
  } catch (error) {
    if (error instanceof SyscallError) return -error.errno
    throw error
  }
}
