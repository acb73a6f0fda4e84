import type { BigIntStats } from 'node:fs'
import type { ByteString } from './bytes.ts'

export type EntryKind = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

/** A stretch of a sparse file that has data. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

/** One file of an archive, with whatever PAX or GNU headers said about it already applied. */
export interface TarEntry {
  readonly kind: EntryKind
  readonly name: ByteString
  /** Target of a link; '' for others. */
  readonly linkName: ByteString
  /** Permission bits and setuid, setgid, sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of the file, holes included. */
  readonly size: number
  /** Bytes of it in the archive. */
  readonly stored: number
  readonly mtimeNs: bigint
  readonly atimeNs: bigint | undefined
  readonly devMajor: number
  readonly devMinor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
  /** Undefined for a file without holes. */
  readonly extents: readonly Extent[] | undefined
}

/** What anything but a socket is, which no archive holds; a further name of a file is a file. */
export function kindOf(stat: BigIntStats): EntryKind {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isFIFO()) return 'fifo'
  return stat.isBlockDevice() ? 'block' : 'character'
}
