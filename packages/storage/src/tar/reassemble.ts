import { createReadStream, fstatSync, readSync, realpathSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { close, O_NOFOLLOW, tryOpenat } from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, fromBytes, shown, toBytes } from './bytes.ts'
import { Crc64 } from './crc64.ts'

const O_NONBLOCK = 0o4000

/** A line of the record. */
interface Line {
  readonly type: number
  readonly name?: string
  readonly name_raw?: string
  readonly size?: number
  readonly payload: string | null
}

/**
 * The original tar out of its record and the files, which are looked for in `directories` in order. Files are checked
 * against the record's checksums as they pass.
 * @throws StorageError LAYER_DAMAGED when a file is missing or has changed, or the record is broken
 */
export async function* reassemble(record: string, directories: readonly string[]): AsyncGenerator<Uint8Array> {
  using files = new Files(directories)
  for await (const text of lines(record)) {
    const line = parseLine(text, record)
    if (line.type === 2) yield Buffer.from(line.payload ?? '', 'base64')
    else if (line.type === 1 && line.size) yield* files.read(nameOf(line), line.size, line.payload ?? '')
  }
}

const nameOf = (line: Line): ByteString =>
  line.name_raw === undefined
    ? fromBytes(Buffer.from(line.name ?? ''))
    : fromBytes(Buffer.from(line.name_raw, 'base64'))

function parseLine(text: string, record: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch (cause) {
    throw new StorageError('LAYER_DAMAGED', `${record} is not a tar-split record`, { subject: record, cause })
  }
}

async function* lines(record: string): AsyncGenerator<string> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 })
  const file = createReadStream(record, { highWaterMark: 256 * 1024 })
  file.on('error', error => gunzip.destroy(error))
  let rest: Buffer[] = []
  try {
    for await (const chunk of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        yield Buffer.concat([...rest, chunk.subarray(from, at)]).toString()
        rest = []
        from = at + 1
      }
      if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)))
    }
  } catch (cause) {
    throw new StorageError('LAYER_DAMAGED', `${record} cannot be read: ${String(cause)}`, { subject: record, cause })
  } finally {
    file.destroy()
  }
}

const pieceSize = 256 * 1024

class Files implements Disposable {
  readonly #roots: readonly Root[]
  readonly #crc = new Crc64()

  constructor(directories: readonly string[]) {
    this.#roots = directories.map(path => new Root(realpathSync(path)))
  }

  *read(name: ByteString, size: number, checksum: string): Generator<Uint8Array> {
    const fd = this.#open(name, size)
    try {
      this.#crc.reset()
      for (let at = 0; at < size; ) {
        const piece = Buffer.allocUnsafe(Math.min(pieceSize, size - at))
        const length = readSync(fd, piece, 0, piece.length, at)
        if (length === 0) throw damaged(name, 'is shorter than it was')
        at += length
        this.#crc.update(piece.subarray(0, length))
        yield piece.subarray(0, length)
      }
      if (this.#crc.digest().toString('base64') !== checksum) throw damaged(name, 'has changed')
    } finally {
      close(fd)
    }
  }

  #open(name: ByteString, size: number): number {
    const [directory, base] = splitPath(cleanPath(name))
    for (const root of this.#roots) {
      const fd = openFile(root, directory, base)
      if (fd < 0) continue
      const stat = fstatSync(fd)
      if (stat.isFile() && stat.size === size) return fd
      close(fd)
      throw damaged(name, 'is not the file it was')
    }
    throw damaged(name, 'is missing')
  }

  [Symbol.dispose](): void {
    for (const root of this.#roots) root[Symbol.dispose]()
  }
}

function openFile(root: Root, directory: ByteString, base: ByteString): number {
  try {
    return tryOpenat(root.directory(directory), toBytes(base), O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return -1
  }
}

const damaged = (name: ByteString, what: string): StorageError =>
  new StorageError('LAYER_DAMAGED', `file ${shown(name)} of the layer ${what}`, {
    subject: name,
    hint: 'pull the image again: only this layer is fetched',
  })
