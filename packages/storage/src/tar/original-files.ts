import { fstatSync, readSync, realpathSync } from 'node:fs'
import { close, O_NOFOLLOW, tryOpenat } from '@libpod/syscall'
import { StorageError } from '../errors.ts'
import { cleanPath, splitPath } from '../rooted/clean-path.ts'
import { Root } from '../rooted/root.ts'
import { type ByteString, shown, toBytes } from './bytes.ts'
import { type Crc64, openCrc64 } from './crc64.ts'

const O_NONBLOCK = 0o4000

/** A file as its layer's record has it. */
export interface RecordedFile {
  readonly name: ByteString
  readonly size: number
  /** CRC-64 in base64. */
  readonly checksum: string
}

/** Whether each file is summed up, or somebody else finds out when their bytes have changed. */
export type Checks = 'checksums' | 'none'

/** The files that a tar is put together from, looked for in directories in order. */
export class OriginalFiles implements Disposable {
  readonly #roots: readonly Root[]
  readonly #crc: Crc64 | undefined

  constructor(directories: readonly string[], checks: Checks) {
    this.#crc = checks === 'checksums' ? openCrc64() : undefined
    this.#roots = directories.map(path => new Root(realpathSync(path)))
  }

  /** @throws StorageError LAYER_DAMAGED when it is missing or has another size */
  open(file: RecordedFile): OriginalFile {
    this.#crc?.reset()
    return new OriginalFile(this.#find(file), file, this.#crc)
  }

  #find({ name, size }: RecordedFile): number {
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

/** One file being read; no two of the same files at once. */
export class OriginalFile implements Disposable {
  readonly #fd: number
  readonly #file: RecordedFile
  readonly #crc: Crc64 | undefined
  #left: number

  constructor(fd: number, file: RecordedFile, crc: Crc64 | undefined) {
    this.#fd = fd
    this.#file = file
    this.#crc = crc
    this.#left = file.size
  }

  /** Bytes still to be read. */
  get left(): number {
    return this.#left
  }

  /** Reads on into the block from `at`; how many bytes. @throws StorageError LAYER_DAMAGED when it is shorter than it was or, at its end, has changed */
  read(block: Buffer, at: number): number {
    const length = readSync(this.#fd, block, at, Math.min(block.length - at, this.#left), null)
    if (length === 0) throw damaged(this.#file.name, 'is shorter than it was')
    this.#left -= length
    this.#crc?.update(block.subarray(at, at + length))
    if (this.#left === 0 && this.#crc && this.#crc.digest().toString('base64') !== this.#file.checksum)
      throw damaged(this.#file.name, 'has changed')
    return length
  }

  [Symbol.dispose](): void {
    close(this.#fd)
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
