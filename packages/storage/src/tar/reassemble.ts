import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { close, O_NOFOLLOW, tryOpenat } from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { Root } from '../rooted/root.ts'
import { Blocks, type BlockUse } from './blocks.ts'
import { type ByteString, fromBytes, shown, toBytes } from './bytes.ts'
import { Crc64 } from './crc64.ts'
import { Inflater } from './inflate.ts'

/** Of a record at once, in bytes: what it is parsed into is many times that. */
const recordPiece = 64 * 1024

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
export async function* reassemble(
  record: string,
  directories: readonly string[],
  blockUse?: BlockUse,
): AsyncGenerator<Uint8Array> {
  using files = new Files(directories)
  const blocks = new Blocks(blockUse)
  for (const texts of lines(record))
    for (const text of texts) for (const piece of pieces(parseLine(text, record), files)) yield* blocks.add(piece)
  yield* blocks.end()
}

function* pieces(line: Line, files: Files): Generator<Uint8Array> {
  if (line.type === 2) yield Buffer.from(line.payload ?? '', 'base64')
  else if (line.type === 1 && line.size) yield* files.read(nameOf(line), line.size, line.payload ?? '')
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

/** The record's lines, as many at once as have been decompressed. */
function* lines(record: string): Generator<readonly string[]> {
  let rest: Buffer[] = []
  try {
    for (const chunk of unpacked(record)) {
      const last = chunk.lastIndexOf(10)
      if (last < 0) {
        rest.push(Buffer.from(chunk))
        continue
      }
      const whole = Buffer.concat([...rest, chunk.subarray(0, last)]).toString()
      rest = [Buffer.from(chunk.subarray(last + 1))]
      yield whole.split('\n')
    }
  } catch (cause) {
    throw new StorageError('LAYER_DAMAGED', `${record} cannot be read: ${String(cause)}`, { subject: record, cause })
  }
}

/** Decompressed in this thread, into the same memory again and again. */
function* unpacked(record: string): Generator<Buffer> {
  const file = openSync(record, 'r')
  using inflater = Inflater.open(Buffer.allocUnsafeSlow(recordPiece))
  const input = Buffer.allocUnsafeSlow(recordPiece)
  try {
    if (inflater === undefined) return yield gunzipSync(readFileSync(file))
    for (let length = readSync(file, input); length > 0; length = readSync(file, input))
      yield* inflater.push(input.subarray(0, length))
    yield* inflater.end()
  } finally {
    closeSync(file)
  }
}

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
      const { buffer } = this.#crc
      for (let at = 0; at < size; ) {
        const length = readSync(fd, buffer, 0, Math.min(buffer.length, size - at), at)
        if (length === 0) throw damaged(name, 'is shorter than it was')
        at += length
        const piece = buffer.subarray(0, length)
        this.#crc.update(piece)
        yield piece
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
    hint: 'repairStore drops its files; pulling the image again then fetches only this layer',
  })
