import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { drained } from './drained.ts'
import { TarSplitLines } from './tar-split.ts'

const linesAtOnce = 256 * 1024

/** A tar-split record on its way to its file, compressed in another thread meanwhile. */
export class TarSplitFile implements Disposable {
  readonly lines = new TarSplitLines()
  readonly #gzip = createGzip({ level: 1, chunkSize: 64 * 1024 })
  readonly #file: WriteStream
  #failure: unknown
  /** The lines that are being compressed. */
  #compressing: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#file = createWriteStream(path, { mode: 0o600, flags: 'wx' })
    for (const stream of [this.#gzip, this.#file]) stream.on('error', error => this.#fail(error))
    this.#gzip.pipe(this.#file)
  }

  /** Lets go of what has gathered, when it is worth it, and waits for what was let go of before. */
  async flush(): Promise<void> {
    if (this.lines.length < linesAtOnce) return
    await this.#compressing
    if (this.#failure) throw this.#failure
    if (!this.#gzip.write(this.lines.take())) this.#compressing = drained(this.#gzip)
  }

  async end(): Promise<void> {
    this.lines.end()
    await this.#compressing
    if (this.#failure) throw this.#failure
    const closed = finished(this.#file)
    this.#gzip.end(this.lines.take())
    await closed
  }

  [Symbol.dispose](): void {
    this.#gzip.destroy()
    this.#file.destroy()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#gzip.destroy()
    this.#file.destroy()
  }
}
