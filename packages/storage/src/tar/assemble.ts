import { StorageError } from '../errors.ts'
import { type ByteString, shown, toBytes } from './bytes.ts'
import type { EntryKind, Extent, TarEntry } from './entry.ts'
import type { RawHeader } from './header.ts'
import { type PaxRecords, parseDecimal, parseTime } from './pax.ts'
import { checkExtents, paxExtents } from './sparse.ts'

/** What came before a header and belongs to it. */
export interface Extensions {
  /** GNU `L` and `K`. */
  readonly longName: ByteString | undefined
  readonly longLink: ByteString | undefined
  readonly pax: PaxRecords
  /** From a GNU sparse header or from the head of the file's data. */
  readonly extents: readonly Extent[] | undefined
  readonly realSize: number | undefined
}

const kinds: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}

const largestId = 2 ** 32 - 2
const none: ReadonlyMap<string, Buffer> = new Map()

/** The entry that a header and its extensions describe. @throws StorageError ARCHIVE_INVALID */
export function assembleEntry(raw: RawHeader, extensions: Extensions): TarEntry {
  if (extensions.pax.length === 0) return plainEntry(raw, extensions)
  const pax = new Map(extensions.pax)
  const known = (key: string): string | undefined => pax.get(key) || undefined
  const header: RawHeader = {
    ...raw,
    name: known('GNU.sparse.name') ?? known('path') ?? raw.name,
    linkName: known('linkpath') ?? raw.linkName,
    uid: decimal(known('uid'), raw.uid),
    gid: decimal(known('gid'), raw.gid),
    size: decimal(known('size'), raw.size),
  }
  const entry = plainEntry(header, extensions)
  const extents = extensions.extents ?? paxExtents(extensions.pax)
  const realSize = decimal(known('GNU.sparse.realsize') ?? known('GNU.sparse.size'), entry.size)
  if (extents) checkExtents(extents, realSize, entry.stored)
  return {
    ...entry,
    mtimeNs: time(known('mtime')) ?? entry.mtimeNs,
    atimeNs: time(known('atime')),
    xattrs: xattrsOf(extensions.pax),
    ...(extents && { extents, size: realSize }),
  }
}

const decimal = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : parseDecimal(text)
const time = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : parseTime(text))

function plainEntry(raw: RawHeader, extensions: Extensions): TarEntry {
  const name = extensions.longName ?? raw.name
  const kind = kindOf(raw.type, name)
  for (const id of [raw.uid, raw.gid]) if (id < 0 || id > largestId) throw invalid(`${shown(name)} has the id ${id}`)
  const stored = storedSize(raw, kind)
  const { extents, realSize } = extensions
  if (extents && realSize !== undefined) checkExtents(extents, realSize, stored)
  return {
    kind,
    name,
    linkName: kind === 'hardlink' || kind === 'symlink' ? (extensions.longLink ?? raw.linkName) : '',
    mode: raw.mode,
    uid: raw.uid,
    gid: raw.gid,
    size: extents && realSize !== undefined ? realSize : stored,
    stored,
    mtimeNs: BigInt(raw.mtime) * 1_000_000_000n,
    atimeNs: undefined,
    devMajor: raw.devMajor,
    devMinor: raw.devMinor,
    xattrs: none,
    extents,
  }
}

function kindOf(type: string, name: ByteString): EntryKind {
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined) throw invalid(`${shown(name)} has the unknown type ${JSON.stringify(type)}`)
  // Before POSIX a directory was a file whose name ends so.
  return kind === 'file' && type === '0' && name.endsWith('/') ? 'directory' : kind
}

/** Only files have data; what a header claims for others is no data in any known writer. */
function storedSize(raw: RawHeader, kind: EntryKind): number {
  if (kind !== 'file') return 0
  if (raw.size < 0) throw invalid(`${shown(raw.name)} has a negative size`)
  return raw.size
}

const xattrPrefix = 'SCHILY.xattr.'

function xattrsOf(pax: PaxRecords): ReadonlyMap<string, Buffer> {
  const found = pax.filter(([key]) => key.startsWith(xattrPrefix))
  if (found.length === 0) return none
  return new Map(found.map(([key, value]) => [key.slice(xattrPrefix.length), toBytes(value)]))
}

const invalid = (what: string): StorageError => new StorageError('ARCHIVE_INVALID', `not a valid tar: ${what}`)
