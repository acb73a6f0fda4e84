import { type ByteString, fromBytes } from '../tar/bytes.ts'

/** The items a layer keeps of its table of contents, by the names that every reader of the store knows. */
export const tocKey = 'zstd-chunked-manifest'
export const tocFormatKey = 'zstd-chunked-layer-data'
/** Files lie under their own names: what Go's `DifferOutputFormatDir` is. */
export const tocFormat = '{"format":0}'

/** Where some content lies within a layer; in bytes. */
export interface Place {
  readonly path: ByteString
  readonly offset: number
  readonly size: number
}

const marker = 'sha256:'
const digestLength = marker.length + 64

/** Whether a table of contents speaks of any of the digests: a look that is much cheaper than reading it. */
export function mentions(toc: Buffer, digests: ReadonlySet<string>): boolean {
  for (let at = toc.indexOf(marker); at >= 0; at = toc.indexOf(marker, at + marker.length)) {
    if (digests.has(toc.toString('latin1', at, at + digestLength))) return true
  }
  return false
}

/** Where the wanted contents lie, files and chunks of files; nothing for what is no table of contents. */
export function placesOf(toc: Buffer, digests: ReadonlySet<string>): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>()
  for (const entry of entriesOf(toc)) {
    if (typeof entry.name !== 'string') continue
    const path = fromBytes(Buffer.from(entry.name))
    const add = (digest: unknown, offset: number, size: unknown): void => {
      if (typeof digest !== 'string' || !digests.has(digest) || found.has(digest)) return
      if (isLength(offset) && isLength(size) && size > 0) found.set(digest, { path, offset, size })
    }
    add(entry.digest, 0, entry.size)
    add(entry.chunkDigest, Number(entry.chunkOffset ?? 0), entry.chunkSize)
  }
  return found
}

const isLength = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

type Entry = Readonly<Record<string, unknown>>

function entriesOf(toc: Buffer): readonly Entry[] {
  const { entries } = parse(toc)
  return Array.isArray(entries) ? entries.filter(each => typeof each === 'object' && each !== null) : []
}

function parse(toc: Buffer): { readonly entries?: unknown } {
  try {
    return (JSON.parse(toc.toString()) ?? {}) as { readonly entries?: unknown }
  } catch {
    return {}
  }
}
