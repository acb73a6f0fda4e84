import { type FileHandle, open, stat } from 'node:fs/promises'
import { type FileChanges, fileChanges } from './file-changes.ts'
import { tailOffset } from './tail.ts'

export interface ReadOptions {
  /** Begin with the last so many lines. */
  readonly tail?: number | undefined
  /** Go on until this is settled, and read then what is still there. */
  readonly ended?: Promise<unknown> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bytes that follow each other, and where a new file begins. */
export type Piece = Buffer | 'new file'

const blockSize = 256 * 1024

/**
 * The bytes of a growing file, through rotation: when the file is replaced or cut short, the old one is read to its end first.
 * A file that is not there is an empty one.
 */
export async function* readGrowing(path: string, options: ReadOptions): AsyncGenerator<Piece, void> {
  if (!options.ended) return yield* readOnce(path, options)
  using changes = fileChanges(path)
  const finish = (): void => changes.finish()
  let over = false
  const end = (): void => {
    over = true
    finish()
  }
  options.ended.then(end, end)
  options.signal?.addEventListener('abort', finish)
  try {
    yield* followFiles(path, options, { changes, isOver: () => over })
  } finally {
    options.signal?.removeEventListener('abort', finish)
  }
}

async function* readOnce(path: string, { tail, signal }: ReadOptions): AsyncGenerator<Buffer, void> {
  const file = await GrowingFile.open(path, tail)
  if (!file) return
  try {
    yield* file.rest(signal)
  } finally {
    await file.close()
  }
}

interface Watch {
  readonly changes: FileChanges
  readonly isOver: () => boolean
}

async function* followFiles(path: string, options: ReadOptions, watch: Watch): AsyncGenerator<Piece, void> {
  let file = await GrowingFile.open(path, options.tail)
  try {
    for (;;) {
      // Asked before reading: what was written before the end is read, however late the end is noticed.
      const last = watch.isOver()
      if (file) yield* file.rest(options.signal)
      const next = await replacement(path, file)
      if (next) {
        if (file) yield* file.rest(options.signal)
        await file?.close()
        file = next
        yield 'new file'
      } else if (last) return
      else await watch.changes.next()
      options.signal?.throwIfAborted()
    }
  } finally {
    await file?.close()
  }
}

/** The file that has taken this one's place, if any. */
async function replacement(path: string, file: GrowingFile | undefined): Promise<GrowingFile | undefined> {
  if (!file) return GrowingFile.open(path)
  return (await file.isCurrent(path)) ? undefined : GrowingFile.open(path)
}

class GrowingFile {
  readonly #handle: FileHandle
  readonly #inode: bigint
  #position: number

  private constructor(handle: FileHandle, inode: bigint, position: number) {
    this.#handle = handle
    this.#inode = inode
    this.#position = position
  }

  static async open(path: string, tail?: number): Promise<GrowingFile | undefined> {
    const handle = await open(path).catch(absent)
    if (!handle) return undefined
    try {
      const { ino, size } = await handle.stat({ bigint: true })
      return new GrowingFile(handle, ino, tail === undefined ? 0 : await tailOffset(handle, Number(size), tail))
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async *rest(signal?: AbortSignal): AsyncGenerator<Buffer, void> {
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(blockSize), 0, blockSize, this.#position)
      if (bytesRead === 0) return
      this.#position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  /** False when the name belongs to another file now, or the file was cut short. A name without a file is only about to change. */
  async isCurrent(path: string): Promise<boolean> {
    const now = await stat(path, { bigint: true }).catch(absent)
    return now === undefined || (now.ino === this.#inode && now.size >= this.#position)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}
