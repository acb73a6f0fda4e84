import { posix } from 'node:path'
import type { Bytes } from '../call.ts'
import { decompress, peek, sniffCompression } from '../copy/compression.ts'
import { ImageError } from '../errors.ts'
import { type TarEntry, tarEntries } from '../tar/entries.ts'

export type EntryKind = 'file' | 'directory' | 'link' | 'hard-link' | 'other'

/** What a layer says of one path. */
export interface LayerEntry {
  readonly kind: EntryKind
  /** Of a file, in bytes. */
  readonly size: number
  /** Where a link leads, as the tar has it. */
  readonly link: string
}

/** The contents of one layer by path, without a leading slash; '' is the root (image-spec layer.md). */
export interface LayerIndex {
  readonly entries: ReadonlyMap<string, LayerEntry>
  /** Paths of lower layers that are gone. */
  readonly whiteouts: ReadonlySet<string>
  /** Directories of whose lower layers' contents nothing is left. */
  readonly opaque: ReadonlySet<string>
  /** The bytes of the file that was wanted, where it was small. */
  readonly captured: ReadonlyMap<string, Uint8Array>
}

/** Larger files are read in a second pass, in bytes. */
const worthKeeping = 4 * 1024 * 1024
const maximumEntries = 1_000_000
const maximumNames = 128 * 1024 * 1024

const kinds: Readonly<Record<string, EntryKind>> = {
  '0': 'file',
  '7': 'file',
  '1': 'hard-link',
  '2': 'link',
  '5': 'directory',
}

/** A path from the root, without `.`, `..` and slashes at its ends. */
export const cleanPath = (path: string): string => posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '')

const whiteout = '.wh.'
const opaqueMarker = '.wh..wh..opq'

/** Reads a whole layer, compressed or not. @throws ImageError ARCHIVE_INVALID, SIZE_EXCEEDED */
export async function indexLayer(bytes: Bytes, wanted: string): Promise<LayerIndex> {
  const entries = new Map<string, LayerEntry>()
  const whiteouts = new Set<string>()
  const opaque = new Set<string>()
  const captured = new Map<string, Uint8Array>()
  let names = 0
  for await (const entry of plainEntries(bytes)) {
    const path = cleanPath(entry.name)
    names += entry.name.length + entry.link.length
    if (names > maximumNames || entries.size + whiteouts.size > maximumEntries)
      throw new ImageError('SIZE_EXCEEDED', 'a layer has too many files')
    const base = posix.basename(path)
    if (base === opaqueMarker) opaque.add(parent(path))
    else if (base.startsWith(whiteout)) whiteouts.add(posix.join(parent(path), base.slice(whiteout.length)))
    else {
      const kind = kinds[entry.type] ?? 'other'
      addParents(entries, path)
      entries.set(path, { kind, size: entry.size, link: entry.link })
      captured.delete(path)
      if (path === wanted && kind === 'file' && entry.size <= worthKeeping) captured.set(path, await whole(entry.body))
    }
  }
  return { entries, whiteouts, opaque, captured }
}

/** Directories that a tar does not mention are there all the same. */
function addParents(entries: Map<string, LayerEntry>, path: string): void {
  for (let at = parent(path); at !== '' && !entries.has(at); at = parent(at))
    entries.set(at, { kind: 'directory', size: 0, link: '' })
}

const parent = (path: string): string => (path.includes('/') ? posix.dirname(path) : '')

async function* plainEntries(bytes: Bytes): AsyncGenerator<TarEntry> {
  const { head, bytes: all } = await peek(bytes)
  yield* tarEntries(decompress(all, sniffCompression(head)))
}

async function whole(body: Bytes): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(body))
}

/** The bytes of a file of a layer; of entries of the same path the last counts, so the layer is read to its end. */
export async function extractFile(bytes: Bytes, path: string, limit: number): Promise<Uint8Array> {
  let found: Uint8Array | undefined
  for await (const entry of plainEntries(bytes)) {
    if (cleanPath(entry.name) !== path || kinds[entry.type] !== 'file') continue
    if (entry.size > limit) throw tooLarge(path, limit)
    found = await whole(entry.body)
  }
  if (found === undefined)
    throw new ImageError('ARCHIVE_INVALID', `file ${JSON.stringify(path)} is no longer in its layer`)
  return found
}

export const tooLarge = (path: string, limit: number): ImageError =>
  new ImageError('SIZE_EXCEEDED', `file ${JSON.stringify(path)} is larger than ${limit} bytes`, { subject: path })
