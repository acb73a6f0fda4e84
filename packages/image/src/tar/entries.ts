import type { Bytes } from '../call.ts'
import { ImageError } from '../errors.ts'
import { type Extension, extensionTypes, maximumExtension, readExtension } from './extension.ts'
import { blockSize, padding, readHeader, type TarHeader } from './header.ts'

/** One member of a tar that passes by. Its body can be read until the next entry is asked for. */
export interface TarEntry extends TarHeader {
  readonly body: Bytes
}

/** Reads a tar as it streams in; long names and pax records are already applied. @throws ImageError ARCHIVE_INVALID */
export async function* tarEntries(bytes: Bytes): AsyncGenerator<TarEntry> {
  await using reader = new BlockReader(bytes)
  let extension: Extension = {}
  for (;;) {
    const block = await reader.exactly(blockSize)
    const header = block === undefined ? undefined : readHeader(block)
    if (header === undefined) return await reader.drain()
    const size = extension.size !== undefined && !extensionTypes.includes(header.type) ? extension.size : header.size
    if (extensionTypes.includes(header.type)) {
      if (size > maximumExtension) throw new ImageError('ARCHIVE_INVALID', 'a tar extension header is too large')
      const body = await reader.exactly(size + padding(size))
      if (body === undefined) throw cutShort()
      extension = { ...extension, ...readExtension(header.type, body.subarray(0, size)) }
      continue
    }
    const end = reader.position + size
    yield { ...header, ...extension, size, body: reader.until(end) }
    await reader.skipTo(end + padding(size))
    extension = {}
  }
}

const cutShort = (): ImageError => new ImageError('ARCHIVE_INVALID', 'a tar ends in the middle of a member')

/** Takes pieces of wanted sizes out of a stream. */
class BlockReader implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array()
  position = 0

  constructor(bytes: Bytes) {
    this.#source = bytes[Symbol.asyncIterator]()
  }

  async #fill(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) return false
      this.#held = next.value
    }
    return true
  }

  #take(most: number): Uint8Array {
    const piece = this.#held.subarray(0, most)
    this.#held = this.#held.subarray(piece.length)
    this.position += piece.length
    return piece
  }

  /** So many bytes, undefined at the end of the stream. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = []
    let left = count
    while (left > 0) {
      if (!(await this.#fill())) {
        if (left === count) return undefined
        throw cutShort()
      }
      const piece = this.#take(left)
      pieces.push(piece)
      left -= piece.length
    }
    return Buffer.concat(pieces)
  }

  async *until(end: number): Bytes {
    while (this.position < end) {
      if (!(await this.#fill())) throw cutShort()
      yield this.#take(end - this.position)
    }
  }

  async skipTo(end: number): Promise<void> {
    for await (const _ of this.until(end));
  }

  /** Reads on to the end of the stream, so that whoever checks the whole of it can. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#take(this.#held.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.()
  }
}
