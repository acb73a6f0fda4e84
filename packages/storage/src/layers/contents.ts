import { fstatSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import { close, O_NOFOLLOW, tryOpenat } from '@libpod/syscall'
import type { Call } from '../call.ts'
import { mentions, type Place, placesOf, tocKey } from '../chunked/toc.ts'
import { bigDataFile } from '../records/big-data-name.ts'
import type { Room } from '../room.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { nameIn } from '../rooted/name-in.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, toBytes } from '../tar/bytes.ts'
import type { HeldContents, LayerId } from './layers.ts'

const O_NONBLOCK = 0o4000
/** Larger tables of contents are not read, in bytes. */
const largestToc = 64 * 1024 * 1024

interface Found extends Place {
  readonly layer: LayerId
}

/** Looks for contents in the layers that keep a table of contents. */
export async function findContents(room: Room, digests: ReadonlySet<string>, call: Call = {}): Promise<HeldContents> {
  const found = new Map<string, Found>()
  for (const { directory, table } of [room.layers, ...room.readOnly.map(each => each.layers)]) {
    for (const layer of table.read()) {
      if (found.size === digests.size) break
      if (layer.flags?.incomplete || !layer['big-data-names']?.includes(tocKey)) continue
      call.signal?.throwIfAborted()
      const toc = readToc(join(directory, layer.id))
      if (toc === undefined || !mentions(toc, digests)) continue
      for (const [digest, place] of placesOf(toc, digests))
        if (!found.has(digest)) found.set(digest, { ...place, layer: layer.id })
      await breath()
    }
  }
  return new FoundContents(room, found)
}

function readToc(directory: string): Buffer | undefined {
  const path = join(directory, bigDataFile(tocKey))
  try {
    return statSync(path).size > largestToc ? undefined : readFileSync(path)
  } catch {
    return undefined
  }
}

/** Reads what was found; the tables of contents may be older than the files, so whoever asks compares digests. */
export class FoundContents implements HeldContents {
  readonly #room: Room
  readonly #found: ReadonlyMap<string, Found>
  readonly #roots = new Map<LayerId, Root | undefined>()

  constructor(room: Room, found: ReadonlyMap<string, Found>) {
    this.#room = room
    this.#found = found
  }

  has(digest: string): boolean {
    return this.#found.has(digest)
  }

  read(digest: string, offset: number, length: number): Uint8Array | undefined {
    const found = this.#found.get(digest)
    if (found === undefined || offset + length > found.size) return undefined
    const fd = this.#open(found)
    if (fd === undefined) return undefined
    try {
      return fstatSync(fd).isFile() ? readExactly(fd, found.offset + offset, length) : undefined
    } finally {
      close(fd)
    }
  }

  /** A path of the file that is the content, through an open directory: good until the next call. */
  file(digest: string): Buffer | undefined {
    const found = this.#found.get(digest)
    const at = found?.offset === 0 ? this.#at(found) : undefined
    return at && nameIn(at.directory, at.base)
  }

  #open(found: Found): number | undefined {
    const at = this.#at(found)
    const fd = at === undefined ? -1 : tryOpenat(at.directory, toBytes(at.base), O_NOFOLLOW | O_NONBLOCK)
    return fd < 0 ? undefined : fd
  }

  #at({ layer, path }: Found): { readonly directory: number; readonly base: ByteString } | undefined {
    try {
      const [directory, base] = splitPath(cleanPath(path))
      const fd = this.#root(layer)?.directory(directory)
      return fd === undefined ? undefined : { directory: fd, base }
    } catch {
      return undefined
    }
  }

  #root(layer: LayerId): Root | undefined {
    if (!this.#roots.has(layer)) {
      this.#roots.set(layer, undefined)
      this.#roots.set(layer, new Root(this.#room.driver.diffPath(layer)))
    }
    return this.#roots.get(layer)
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots.values()) root?.[Symbol.dispose]()
    this.#roots.clear()
  }
}

function readExactly(fd: number, position: number, length: number): Uint8Array | undefined {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const read = readSync(fd, bytes, at, length - at, position + at)
    if (read === 0) return undefined
    at += read
  }
  return bytes
}
