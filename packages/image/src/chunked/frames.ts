import { promisify } from 'node:util'
import { constants, createZstdCompress, type ZstdCompress, zstdCompress } from 'node:zlib'
import type { Bytes } from '../call.ts'

const pack = promisify(zstdCompress)
/** Frames that wait to be given out; one of them is compressed in another thread meanwhile. */
const mostWaiting = 4
const chunkSize = 256 * 1024

interface Frame {
  readonly packed: Promise<Buffer>
  /** Told where the frame lies in the blob. */
  readonly placed: ((start: number, end: number) => void) | undefined
}

/** Compresses pieces into zstd frames and gives them out in order. One compressor makes them all: a new one costs more than a frame. */
export class Frames implements Disposable {
  readonly #waiting: Frame[] = []
  readonly #params: Record<number, number>
  readonly #compressor: ZstdCompress
  #output: Buffer[] = []
  #last: Promise<unknown> = Promise.resolve()
  /** Of what was given out, in bytes. */
  position = 0

  constructor(level: number | undefined) {
    this.#params = level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level }
    this.#compressor = createZstdCompress({ chunkSize, params: this.#params })
    this.#compressor.on('data', (bytes: Buffer) => this.#output.push(bytes))
    this.#compressor.on('error', () => undefined)
  }

  add(bytes: Uint8Array, placed?: Frame['placed']): void {
    const packed = this.#last.then(() => this.#frame(bytes))
    packed.catch(() => undefined)
    this.#last = packed
    this.#waiting.push({ packed, placed })
  }

  #frame(bytes: Uint8Array): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    this.#compressor.write(bytes, error => {
      if (error) reject(error)
    })
    this.#compressor.flush(constants.ZSTD_e_end, () => {
      resolve(Buffer.concat(this.#output))
      this.#output = []
    })
    return promise
  }

  /** Bytes in a frame that belongs to nothing else. */
  compress(bytes: Uint8Array): Promise<Buffer> {
    return pack(bytes, { params: this.#params })
  }

  /** Gives out the oldest frames until few enough wait. */
  async *ready(most = mostWaiting): Bytes {
    while (this.#waiting.length > most) {
      const frame = this.#waiting.shift()
      const bytes = (await frame?.packed) ?? Buffer.alloc(0)
      frame?.placed?.(this.position, this.position + bytes.length)
      this.position += bytes.length
      yield bytes
    }
  }

  [Symbol.dispose](): void {
    this.#compressor.destroy()
  }
}
