import { statSync } from 'node:fs'
import { fchmod, fchmodat, fchown, fchownat, fsetxattr, lgetxattr, lsetxattr } from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { toHost } from '../idmap/mapping.ts'
import { nameIn } from '../rooted/name-in.ts'
import { shown } from './bytes.ts'
import type { TarEntry } from './entry.ts'
import { hasCode, limit, unmapped } from './unpack-errors.ts'
import type { Owner, UnpackOptions } from './unpack-options.ts'

/** A name in an open directory. */
export interface Place {
  readonly dirfd: number
  readonly name: Buffer
  /** Whether that directory is this archive's own, and the like of those it lies in. */
  readonly parent: 'made' | 'found'
}

/** Different owners in one layer; the record lists them all. */
const mostOwners = 65_536

const defaultAcl = 'system.posix_acl_default'

/** Whom files made below a directory belong to, if it leaves that and their modes to their maker. */
function creatorIn(path: string): Owner | undefined {
  const [uid, gid] = [process.geteuid?.() ?? -1, process.getegid?.() ?? -1]
  if ((statSync(path).mode & 0o2000) !== 0 || lgetxattr(path, defaultAcl)) return undefined
  return { uid, gid }
}

/** Gives what an archive makes its owner, its mode and its attributes, and remembers the owners. */
export class Dresser {
  readonly #options: UnpackOptions
  readonly #uids = new Set<number>()
  readonly #gids = new Set<number>()
  /** Whom a new file belongs to; undefined once a directory may have its own idea of that or of modes. */
  #creator: Owner | undefined

  /** `path` is the directory that everything goes into. */
  constructor(path: string, options: UnpackOptions) {
    this.#options = options
    this.#creator = creatorIn(path)
  }

  get uids(): number[] {
    return [...this.#uids].sort((a, b) => a - b)
  }

  get gids(): number[] {
    return [...this.#gids].sort((a, b) => a - b)
  }

  /** Counts the entry's owner. @throws StorageError ARCHIVE_LIMIT */
  own(entry: TarEntry): void {
    this.#uids.add(entry.uid)
    this.#gids.add(entry.gid)
    if (this.#uids.size > mostOwners || this.#gids.size > mostOwners) throw limit(`more than ${mostOwners} owners`)
  }

  /** Writing to a file, or giving it away, takes setuid and setgid from it. */
  comesWithMode({ mode }: TarEntry, parent: Place['parent']): boolean {
    return parent === 'made' && this.#options.umask === 'none' && this.#creator !== undefined && (mode & ~0o777) === 0
  }

  /** A new regular file, without saying again what it was made with: that is a third of all calls. */
  dressFile(fd: number, entry: TarEntry, parent: Place['parent']): void {
    const { uid, gid } = this.#options.owner ?? entry
    const creator = parent === 'made' && this.#options.mappings === undefined ? this.#creator : undefined
    const isCreators = uid === creator?.uid && gid === creator.gid
    if (!isCreators) this.#chown(entry, (uid, gid) => fchown(fd, uid, gid))
    if (!this.comesWithMode(entry, parent)) fchmod(fd, entry.mode)
    this.#setXattrs(entry, (name, value) => fsetxattr(fd, name, value))
  }

  dressDirectory(fd: number, entry: TarEntry): void {
    this.#chown(entry, (uid, gid) => fchown(fd, uid, gid))
    fchmod(fd, entry.mode)
    this.#setXattrs(entry, (name, value) => fsetxattr(fd, name, value))
    if (entry.mode & 0o2000 || entry.xattrs.has(defaultAcl)) this.#creator = undefined
  }

  /** What cannot be opened: links and special files. */
  dressNamed(at: Place, entry: TarEntry): void {
    this.chownNamed(at, entry)
    if (entry.kind !== 'symlink') fchmodat(at, entry.mode)
    const named = (): Buffer => nameIn(at.dirfd, at.name)
    this.#setXattrs(entry, (name, value) => lsetxattr(named(), name, value))
  }

  chownNamed(at: Place, entry: TarEntry): void {
    this.#chown(entry, (uid, gid) => fchownat(at, uid, gid))
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
      if (chownErrors === 'ignore' && hasCode(error, 'EPERM', 'EINVAL')) return
      throw hasCode(error, 'EINVAL') ? unmapped(entry, owner, error) : error
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
}

/** Attributes that would speak to overlayfs itself, or that belong to this host's policy, are not the archive's to set. */
const isCarried = (name: string): boolean =>
  name !== 'security.selinux' &&
  !/^(?:trusted\.overlay\.|user\.overlay\.|user\.fuseoverlayfs\.|user\.containers\.override_stat)/.test(name)
