import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, lstat, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Bytes } from '../call.ts'
import { ImageError } from '../errors.ts'
import { padding, writeHeader } from './header.ts'

/**
 * Writes a tar beside its final place, one member after the other. A member's name and size may become known only
 * when it has been written: its header is filled in then. `finish` puts the archive in place; without it nothing stays.
 */
export class TarWriter implements AsyncDisposable {
  readonly #target: string
  readonly #temporary: string
  readonly #handle: FileHandle
  #end = 0
  #last: Promise<unknown> = Promise.resolve()
  #state: 'open' | 'closed' = 'open'

  private constructor(target: string, temporary: string, handle: FileHandle) {
    this.#target = target
    this.#temporary = temporary
    this.#handle = handle
  }

  /** @throws ImageError DESTINATION_REFUSED where no place is named */
  static async create(target: string): Promise<TarWriter> {
    if (target === '') throw new ImageError('DESTINATION_REFUSED', 'opening file "": open : no such file or directory')
    const beside = await isReplaceable(target)
    const directory = beside ? dirname(target) : await mkdtemp(join(tmpdir(), 'image-archive-'))
    const temporary = join(directory, `.${basename(target)}.${randomBytes(6).toString('hex')}`)
    return new TarWriter(target, temporary, await open(temporary, 'wx', 0o644))
  }

  /** Adds a member; `name` is asked when all its bytes are written. Members never mix. */
  add(bytes: Bytes, name: () => string): Promise<void> {
    const turn = this.#last.then(() => this.#add(bytes, name))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #add(bytes: Bytes, name: () => string): Promise<void> {
    const start = this.#end
    let at = start + 512
    for await (const chunk of bytes) {
      await this.#write(chunk, at)
      at += chunk.length
    }
    const size = at - start - 512
    await this.#write(writeHeader(name(), size), start)
    this.#end = at + padding(size)
  }

  async #write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten
    }
  }

  async finish(): Promise<void> {
    await this.#last
    await this.#handle.truncate(this.#end + 1024)
    await this.#close()
    if (await isReplaceable(this.#target)) await rename(this.#temporary, this.#target)
    else await pipeline(createReadStream(this.#temporary), createWriteStream(this.#target))
  }

  async #close(): Promise<void> {
    if (this.#state === 'open') await this.#handle.close()
    this.#state = 'closed'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#close()
    const beside = dirname(this.#temporary) === dirname(this.#target)
    await rm(beside ? this.#temporary : dirname(this.#temporary), { recursive: true, force: true })
  }
}

/** Whether a file can be renamed over the target: pipes and devices are written to instead. */
async function isReplaceable(target: string): Promise<boolean> {
  const found = await lstat(target).catch(() => undefined)
  return found === undefined || found.isFile()
}
