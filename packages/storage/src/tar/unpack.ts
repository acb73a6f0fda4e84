import { ftruncateSync, lstatSync, statSync, writeSync } from 'node:fs'
import {
  close,
  fchmod,
  fchmodat,
  fchown,
  fchownat,
  fsetxattr,
  futimens,
  lgetxattr,
  linkat,
  lsetxattr,
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
import { type IdMappings, toHost } from '../idmap/mapping.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { removeTree } from '../rooted/remove.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, shown, toBytes } from './bytes.ts'
import type { TarEntry } from './entry.ts'
import { duplicate, explain, hasCode, limit, linkTarget, odd } from './unpack-errors.ts'
import { parseWhiteout } from './whiteout.ts'

const O_WRONLY = 1
const O_CREAT = 0o100
const O_EXCL = 0o200

/** How to write what an archive holds. */
export interface UnpackOptions {
  /** Marks a directory that hides what lower layers have in it. */
  readonly opaqueAttribute: string
  /** Whether the archive's own entry for the root changes the directory's mode, owner and times. */
  readonly rootEntry: 'apply' | 'ignore'
  /** Within a user namespace devices cannot be made, nor every attribute set. */
  readonly userNamespace: 'yes' | 'no'
  readonly chownErrors: 'report' | 'ignore'
  /** What `.wh.` names and devices 0:0 are: a layer's deletions, or files like any other. */
  readonly whiteouts: 'layer' | 'plain'
  /** What is there already: a duplicate, or replaced as tar(1) replaces it, a directory by another kind only if so said. */
  readonly existing: 'refuse' | 'replace' | 'replace-same-kind'
  /** Whom everything is to belong to, instead of whom the archive says. */
  readonly owner?: Owner
  readonly mappings?: IdMappings
  /** Whether what is made has the mode it is made with. */
  readonly umask?: 'none' | 'unknown'
  readonly mostEntries: number
  readonly mostBytes: number
}

/** Different owners in one layer; the record lists them all. */
const mostOwners = 65_536

interface Place {
  readonly dirfd: number
  readonly name: Buffer
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

const defaultAcl = 'system.posix_acl_default'

/** Whom files made below a directory belong to, if it leaves that and their modes to their maker. */
function creatorIn(path: string): Owner | undefined {
  const [uid, gid] = [process.geteuid?.() ?? -1, process.getegid?.() ?? -1]
  if ((statSync(path).mode & 0o2000) !== 0 || lgetxattr(path, defaultAcl)) return undefined
  return { uid, gid }
}

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
  readonly #uids = new Set<number>()
  readonly #gids = new Set<number>()
  #entries = 0
  #bytes = 0
  #sawRoot = false
  #file = -1
  #extent = 0
  #inExtent = 0
  /** Whom a new file belongs to; undefined once a directory may have its own idea of that or of modes. */
  #creator: Owner | undefined

  constructor(path: string, options: UnpackOptions) {
    this.#root = new Root(path)
    this.#options = options
    this.#creator = options.existing === 'refuse' ? creatorIn(path) : undefined
  }

  get uids(): number[] {
    return [...this.#uids].sort((a, b) => a - b)
  }

  get gids(): number[] {
    return [...this.#gids].sort((a, b) => a - b)
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
    if (this.#file < 0) throw new StorageError('ARCHIVE_INVALID', `${shown(entry.name)} must not have data`)
    try {
      if (entry.extents) this.#writeExtents(bytes, entry)
      else this.#write(bytes)
    } catch (error) {
      throw explain(error, entry)
    }
  }

  /** Closes the open file, its owner, mode, attributes and times set. */
  finish(entry: TarEntry): void {
    if (this.#file < 0) return
    const fd = this.#file
    this.#file = -1
    try {
      if (entry.extents) ftruncateSync(fd, entry.size)
      this.#dressFile(fd, entry)
      futimens(fd, accessTime(entry), entry.mtimeNs)
    } catch (error) {
      throw explain(error, entry)
    } finally {
      close(fd)
    }
  }

  /** The directories' times, last of all, for whatever is made in one changes them. */
  end(): void {
    for (const { path, atimeNs, mtimeNs } of this.#directories) futimens(this.#root.directory(path), atimeNs, mtimeNs)
  }

  [Symbol.dispose](): void {
    if (this.#file >= 0) close(this.#file)
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
    const parent = this.#root.directory(directory, made => this.#implied.add(made))
    const whiteout = this.#options.whiteouts === 'plain' ? ({ kind: 'none' } as const) : parseWhiteout(base)
    if (whiteout.kind === 'none') {
      this.#own(entry)
      this.#makeKind(entry, path, { dirfd: parent, name: toBytes(base) })
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

  #own(entry: TarEntry): void {
    this.#uids.add(entry.uid)
    this.#gids.add(entry.gid)
    if (this.#uids.size > mostOwners || this.#gids.size > mostOwners) throw limit(`more than ${mostOwners} owners`)
  }

  #makeRoot(entry: TarEntry): void {
    if (entry.kind !== 'directory')
      throw new StorageError('ARCHIVE_UNSAFE', `entry ${shown(entry.name)} would replace the root`)
    if (this.#sawRoot) throw duplicate(entry)
    this.#sawRoot = true
    this.#own(entry)
    if (this.#options.rootEntry === 'ignore') return
    this.#dress(this.#root.directory(''), entry)
    this.#directories.push({ path: '', atimeNs: accessTime(entry), mtimeNs: entry.mtimeNs })
  }

  #makeFile(entry: TarEntry, at: Place): void {
    const mode = this.#comesWithMode(entry) ? entry.mode : 0o600
    const open = (): number => tryOpenat(at.dirfd, at.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    this.#file = this.#place(entry, at, open).result
    this.#extent = 0
    this.#inExtent = 0
  }

  #makeDirectory(entry: TarEntry, path: ByteString, at: Place): void {
    const implied = this.#implied.delete(path)
    const { replaced } = implied
      ? { replaced: false }
      : this.#place(entry, at, () => tryMkdirat(at.dirfd, at.name, 0o700))
    const fd = this.#root.directory(path)
    if (replaced) fsetxattr(fd, this.#options.opaqueAttribute, Buffer.from('y'))
    this.#dress(fd, entry)
    if (entry.mode & 0o2000 || entry.xattrs.has(defaultAcl)) this.#creator = undefined
    this.#directories.push({ path, atimeNs: accessTime(entry), mtimeNs: entry.mtimeNs })
  }

  /** Symlinks and special files: made by name, and dressed by name. */
  #makeOther(entry: TarEntry, at: Place, make: () => void): void {
    this.#place(entry, at, () => attempt(make))
    this.#chown(entry, (uid, gid) => fchownat(at, uid, gid))
    if (entry.kind !== 'symlink') fchmodat(at, entry.mode)
    const named = (): Buffer => Buffer.concat([Buffer.from(`/proc/self/fd/${at.dirfd}/`), at.name])
    this.#setXattrs(entry, (name, value) => lsetxattr(named(), name, value))
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
      this.#place(entry, { dirfd: into, name: at.name }, () =>
        attempt(() => linkat(from, { dirfd: into, name: at.name })),
      )
    } finally {
      close(into)
    }
  }

  /** A deletion of something this layer has itself says that only the lower layers' is gone. */
  #makeWhiteout(entry: TarEntry, parent: number, name: ByteString): void {
    const at = { dirfd: parent, name: toBytes(name) }
    if (name === '' || name === '.' || name === '..') throw odd(entry, 'deletes nothing')
    const made = attempt(() => mknodat(at, S_IFCHR, 0))
    if (made === -17) {
      this.#hideLower(entry, at)
      return
    }
    if (made < 0) throw new SyscallError('mknodat', -made, at.name)
    this.#chown(entry, (uid, gid) => fchownat(at, uid, gid))
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
    const path = Buffer.concat([Buffer.from(`/proc/self/fd/${at.dirfd}/`), at.name])
    const wasDirectory = lstatSync(path).isDirectory()
    if (entry.kind === 'directory' && wasDirectory) return 0
    if (this.#options.existing === 'replace-same-kind' && wasDirectory !== (entry.kind === 'directory'))
      throw new StorageError(
        'ARCHIVE_OTHER_KIND',
        `entry ${shown(entry.name)} ${wasDirectory ? 'is no directory, but replaces one' : 'is a directory, but replaces none'}`,
        { subject: entry.name },
      )
    this.#root.forget(cleanPath(entry.name))
    removeTree(path)
    const again = make()
    if (again < 0) throw new SyscallError('make', -again, at.name)
    return again
  }

  /** As {@link Unpacker.#dress}, without saying again what the file was made with: that is a third of all calls. */
  #dressFile(fd: number, entry: TarEntry): void {
    const { uid, gid } = this.#options.owner ?? entry
    const isCreators = this.#options.mappings === undefined && uid === this.#creator?.uid && gid === this.#creator.gid
    if (!isCreators) this.#chown(entry, (uid, gid) => fchown(fd, uid, gid))
    if (!this.#comesWithMode(entry)) fchmod(fd, entry.mode)
    this.#setXattrs(entry, (name, value) => fsetxattr(fd, name, value))
  }

  /** Writing to a file, or giving it away, takes setuid and setgid from it. */
  #comesWithMode({ mode }: TarEntry): boolean {
    return this.#options.umask === 'none' && this.#creator !== undefined && (mode & ~0o777) === 0
  }

  #dress(fd: number, entry: TarEntry): void {
    this.#chown(entry, (uid, gid) => fchown(fd, uid, gid))
    fchmod(fd, entry.mode)
    this.#setXattrs(entry, (name, value) => fsetxattr(fd, name, value))
  }

  #chown(entry: TarEntry, chown: (uid: number, gid: number) => void): void {
    const { mappings, chownErrors, owner = entry } = this.#options
    const uid = mappings ? toHost(owner.uid, mappings.uids) : owner.uid
    const gid = mappings ? toHost(owner.gid, mappings.gids) : owner.gid
    if (uid === undefined || gid === undefined) {
      if (chownErrors === 'ignore') return
      throw new StorageError(
        'ARCHIVE_INVALID',
        `${shown(entry.name)} belongs to ${entry.uid}:${entry.gid}, which the id map lacks`,
      )
    }
    try {
      chown(uid, gid)
    } catch (error) {
      if (chownErrors === 'report' || !hasCode(error, 'EPERM', 'EINVAL')) throw error
    }
  }

  #setXattrs(entry: TarEntry, set: (name: string, value: Buffer) => void): void {
    for (const [name, value] of entry.xattrs) {
      if (!isCarried(name)) continue
      try {
        set(name, value)
      } catch (error) {
        const tolerated =
          this.#options.userNamespace === 'yes' ? ['ENOTSUP', 'EOPNOTSUPP', 'EPERM'] : ['ENOTSUP', 'EOPNOTSUPP']
        if (!hasCode(error, ...tolerated)) throw error
      }
    }
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at, bytes.length - at)
  }

  #writeExtents(bytes: Buffer, entry: TarEntry): void {
    for (let at = 0; at < bytes.length; ) {
      const extent = entry.extents?.[this.#extent]
      if (extent === undefined) throw odd(entry, 'has more data than its map')
      const length = Math.min(bytes.length - at, extent.length - this.#inExtent)
      const written = writeSync(this.#file, bytes, at, length, extent.offset + this.#inExtent)
      at += written
      this.#inExtent += written
      if (this.#inExtent === extent.length) {
        this.#extent++
        this.#inExtent = 0
      }
    }
  }
}

const accessTime = (entry: TarEntry): bigint =>
  entry.atimeNs !== undefined && entry.atimeNs > entry.mtimeNs ? entry.atimeNs : entry.mtimeNs

/** Attributes that would speak to overlayfs itself, or that belong to this host's policy, are not the archive's to set. */
const isCarried = (name: string): boolean =>
  name !== 'security.selinux' &&
  !/^(?:trusted\.overlay\.|user\.overlay\.|user\.fuseoverlayfs\.|user\.containers\.override_stat)/.test(name)

function isWhiteout(at: Place): boolean {
  const stat = lstatSync(Buffer.concat([Buffer.from(`/proc/self/fd/${at.dirfd}/`), at.name]))
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
