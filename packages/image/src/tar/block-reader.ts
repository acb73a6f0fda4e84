import type { Bytes } from '../call.ts'
import { ImageError } from '../errors.ts'

export const cutShort = (): ImageError => new ImageError('ARCHIVE_INVALID', 'a tar ends in the middle of a member')

/** Takes pieces of wanted sizes out of a stream. */
export class BlockReader implements AsyncDisposable {
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
    const bytes = await this.upTo(count)
    if (bytes.length === count) return bytes
    if (bytes.length === 0) return undefined
    throw cutShort()
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

  /** So many bytes, fewer at the end of the stream. */
  async upTo(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for (let left = count; left > 0 && (await this.#fill()); left -= pieces.at(-1)?.length ?? 0) {
      pieces.push(this.#take(left))
    }
    return Buffer.concat(pieces)
  }

  /** Up to a line feed, which is dropped; undefined at the end of the stream. @throws ImageError ARCHIVE_INVALID beyond `most` bytes */
  async line(most: number): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = []
    for (let length = 0; await this.#fill(); ) {
      const end = this.#held.indexOf(10)
      const piece = this.#take(end < 0 ? this.#held.length : end + 1)
      length += piece.length
      if (length > most) throw new ImageError('ARCHIVE_INVALID', `a line is longer than ${most} bytes`)
      pieces.push(piece)
      if (end >= 0) return Buffer.concat(pieces).subarray(0, -1)
    }
    return undefined
  }

  /** Reads on to the end of the stream, so that whoever checks the whole of it can. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#take(this.#held.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.()
  }
}
