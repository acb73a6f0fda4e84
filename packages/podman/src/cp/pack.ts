import { createReadStream, type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, extract, type Headers, type Pack, pack } from 'tar-stream'

type Bytes = AsyncIterable<Uint8Array>

/** Files up to this size are read whole, larger ones streamed. */
const small = 1024 * 1024

/** A tar of a file or directory of the host, its own entry called `name`; with an empty name, of a directory's contents. */
export function packTree(path: string, name: string): Bytes {
  const tar = pack()
  const links = new Map<string, string>()
  addTree(tar, { path, name, links, stats: lstatSync(path) }).then(
    () => tar.finalize(),
    error => tar.destroy(error),
  )
  return tar
}

interface Item {
  readonly path: string
  readonly name: string
  readonly stats: Stats
  /** Names of files with several links, by device and inode. */
  readonly links: Map<string, string>
}

async function addTree(tar: Pack, item: Item): Promise<void> {
  if (item.name !== '') await addEntry(tar, item)
  if (!item.stats.isDirectory()) return
  const entries = readdirSync(item.path, { withFileTypes: true }).sort((a: Dirent, b: Dirent) =>
    a.name < b.name ? -1 : 1,
  )
  for (const entry of entries) {
    const path = join(item.path, entry.name)
    await addTree(tar, { path, name: join(item.name, entry.name), links: item.links, stats: lstatSync(path) })
  }
}

async function addEntry(tar: Pack, { path, name, stats, links }: Item): Promise<void> {
  const header = { name, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid, mtime: stats.mtime }
  const twin = `${stats.dev}:${stats.ino}`
  const first = links.get(twin)
  if (stats.isDirectory()) return write(tar, { ...header, type: 'directory' })
  if (stats.isSymbolicLink()) return write(tar, { ...header, type: 'symlink', linkname: readlinkSync(path) })
  if (stats.isFile() && first !== undefined) return write(tar, { ...header, type: 'link', linkname: first })
  if (stats.isFIFO()) return write(tar, { ...header, type: 'fifo' })
  if (!stats.isFile()) return
  if (stats.nlink > 1) links.set(twin, name)
  if (stats.size > small)
    return pipeline(createReadStream(path, { end: stats.size - 1 }), tar.entry({ ...header, size: stats.size }))
  return write(tar, header, readFileSync(path))
}

function write(tar: Pack, header: Headers, content?: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve())
    if (content) tar.entry({ ...header, size: content.length }, content, done)
    else tar.entry(header, done)
  })
}

/** The entries of a tar, in order; each must be read or resumed before the next. */
export async function* entriesOf(bytes: Bytes): AsyncGenerator<Entry> {
  const reader = extract()
  const feeding = feed(bytes, reader)
  try {
    yield* reader
    await feeding
  } finally {
    reader.destroy()
  }
}

async function feed(bytes: Bytes, reader: ReturnType<typeof extract>): Promise<void> {
  try {
    for await (const chunk of bytes) if (!reader.write(chunk)) await drained(reader)
    reader.end()
  } catch (error) {
    reader.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Until the reader takes more, or will take nothing any more. */
function drained(reader: ReturnType<typeof extract>): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      reader.off('drain', settle)
      reader.off('close', settle)
      resolve()
    }
    reader.on('drain', settle)
    reader.on('close', settle)
  })
}

/** The same tar with other names: `rename` maps names of entries, and those that hard links point to. */
export function renameEntries(bytes: Bytes, rename: (name: string) => string): Bytes {
  const tar = pack()
  copyEntries(bytes, tar, rename).then(
    () => tar.finalize(),
    error => tar.destroy(error),
  )
  return tar
}

async function copyEntries(bytes: Bytes, tar: Pack, rename: (name: string) => string): Promise<void> {
  for await (const entry of entriesOf(bytes)) {
    const { header } = entry
    const name = rename(header.name)
    const linkname = header.type === 'link' && header.linkname ? rename(header.linkname) : header.linkname
    if (name === '') entry.resume()
    else await pipeline(entry, tar.entry({ ...header, name, ...(linkname ? { linkname } : {}), pax: null }))
  }
}
