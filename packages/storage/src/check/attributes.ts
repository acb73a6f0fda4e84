import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs'
import { lgetxattr, makedev } from '@libpod/syscall'
import { isOpaque } from '../drivers/overlay/opaque.ts'
import { type IdMappings, toHost } from '../idmap/mapping.ts'
import { isWhiteout } from '../layers/lower-view.ts'
import { splitPath } from '../rooted/clean-path.ts'
import { nameIn } from '../rooted/name-in.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, fromBytes, shown } from '../tar/bytes.ts'
import { type EntryKind, kindOf, type TarEntry } from '../tar/entry.ts'
import type { LayerTree } from './layer-tree.ts'

/** How a layer was written. */
export interface Written {
  readonly directory: string
  /** Undefined where owners were left as they came (`ignore_chown_errors`). */
  readonly owners: IdMappings | undefined
  /** Whether deletions are marks of overlayfs, which must be there. */
  readonly marks: 'yes' | 'no'
  /** Within a user namespace no device can be made. */
  readonly devices: 'yes' | 'no'
  /** What Podman pulls in parts, or writes with vfs, has directories and links of the time of the pull. */
  readonly times: 'of-all' | 'of-files'
}

/** fuse-overlayfs and `force_mask` keep owner and mode in it, and the file's own are others. */
const overridden = 'user.containers.override_stat'

const second = 1_000_000_000n

/** The first thing in a layer that is not as its tar has it, apart from files' data; undefined when all is. */
export function findChange(tree: LayerTree, written: Written): string | undefined {
  using root = new Root(written.directory)
  const inodes = new Map<TarEntry, bigint>()
  for (const [path, entry] of tree.things) {
    const at = placeOf(root, path)
    const stat = at && lstatSync(at, { bigint: true, throwIfNoEntry: false })
    const change = at && stat ? changeAt({ at, stat, entry }, written) : missing(entry, written)
    if (change !== undefined) return `${shown(path)} ${change}`
    const first = inodes.get(entry)
    if (stat && first !== undefined && stat.ino !== first) return `${shown(path)} is no hard link any more`
    if (stat) inodes.set(entry, stat.ino)
  }
  return written.marks === 'yes' ? findLostMark(root, tree) : undefined
}

/** Undefined where its directory is missing. */
function placeOf(root: Root, path: ByteString): Buffer | undefined {
  const [directory, base] = splitPath(path)
  try {
    return nameIn(root.directory(directory), base === '' ? '.' : base)
  } catch {
    return undefined
  }
}

const isDevice = ({ kind }: TarEntry): boolean => kind === 'character' || kind === 'block'

const missing = (entry: TarEntry, { devices }: Written): string | undefined =>
  isDevice(entry) && devices === 'no' ? undefined : 'is missing'

interface Found {
  readonly at: Buffer
  readonly stat: BigIntStats
  readonly entry: TarEntry
}

function changeAt(found: Found, written: Written): string | undefined {
  const change = changeOf(found, written)
  return change === undefined || lgetxattr(found.at, overridden) !== undefined ? undefined : change
}

function changeOf({ at, stat, entry }: Found, { owners, times }: Written): string | undefined {
  if (stat.isSocket() || kindOf(stat) !== entry.kind) return `is no ${nouns[entry.kind]}`
  if (entry.kind === 'symlink') {
    const target = fromBytes(readlinkSync(at, 'buffer'))
    if (target !== entry.linkName) return `leads to ${shown(target)} instead of ${shown(entry.linkName)}`
  } else {
    const mode = Number(stat.mode & 0o7777n)
    if (mode !== entry.mode && !isWhiteout(stat)) return `has mode ${octal(mode)} instead of ${octal(entry.mode)}`
  }
  if (isDevice(entry) && Number(stat.rdev) !== makedev(entry.devMajor, entry.devMinor)) return 'is another device'
  if (owners && !isOwn(stat, entry, owners))
    return `belongs to ${stat.uid}:${stat.gid} instead of ${entry.uid}:${entry.gid}`
  if (entry.kind !== 'file' && times === 'of-files') return undefined
  return isTimely(stat.mtimeNs, entry.mtimeNs) ? undefined : `has another time than ${entry.mtimeNs / second}`
}

const nouns: Readonly<Record<EntryKind, string>> = {
  file: 'regular file',
  hardlink: 'regular file',
  symlink: 'symbolic link',
  character: 'character device',
  block: 'block device',
  directory: 'directory',
  fifo: 'FIFO',
}

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`

const isOwn = (stat: BigIntStats, entry: TarEntry, { uids, gids }: IdMappings): boolean =>
  Number(stat.uid) === toHost(entry.uid, uids) && Number(stat.gid) === toHost(entry.gid, gids)

/** Not every file system keeps parts of seconds, and Go's tools write what is before 1970 as its beginning. */
const isTimely = (found: bigint, wanted: bigint): boolean =>
  wanted < 0n ? found <= 0n : found / second === wanted / second

function findLostMark(root: Root, tree: LayerTree): string | undefined {
  for (const path of tree.deleted) {
    const at = placeOf(root, path)
    const stat = at && lstatSync(at, { bigint: true, throwIfNoEntry: false })
    // A directory that only entries below it name is this layer's own.
    if (stat === undefined || !(isWhiteout(stat) || stat.isDirectory())) return `${shown(path)} is not deleted any more`
  }
  for (const path of tree.opaque) {
    const at = placeOf(root, path === '' ? '' : `${path}/.`)
    if (at === undefined || !isOpaque(at)) return `${shown(path)} does not hide lower layers any more`
  }
  return undefined
}
