import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { Bytes } from '../call.ts'

const pack = promisify(zstdCompress)
/** Frames compressed at once, each in a thread of its own while there are any. */
const atOnce = 8

interface Frame {
  readonly packed: Promise<Buffer>
  /** Told where the frame lies in the blob. */
  readonly placed: ((start: number, end: number) => void) | undefined
}

/** Compresses pieces into zstd frames, several at once, and gives them out in order. */
export class Frames {
  readonly #waiting: Frame[] = []
  readonly #level: number | undefined
  /** Of what was given out, in bytes. */
  position = 0

  constructor(level: number | undefined) {
    this.#level = level
  }

  add(bytes: Uint8Array, placed?: Frame['placed']): void {
    this.#waiting.push({ packed: this.compress(bytes), placed })
    this.#waiting.at(-1)?.packed.catch(() => undefined)
  }

  compress(bytes: Uint8Array): Promise<Buffer> {
    const params = this.#level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: this.#level }
    return pack(bytes, { params })
  }

  /** Gives out the oldest frames until few enough wait. */
  async *ready(most = atOnce): Bytes {
    while (this.#waiting.length > most) {
      const { packed, placed } = this.#waiting.shift() as Frame
      const bytes = await packed
      placed?.(this.position, this.position + bytes.length)
      this.position += bytes.length
      yield bytes
    }
  }
}
