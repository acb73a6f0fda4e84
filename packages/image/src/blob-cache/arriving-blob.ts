import type { FileHandle } from 'node:fs/promises'
import type { Call, FileRange } from '../call.ts'
import type { ArrivingBlob } from '../transports/transport.ts'
import { type Download, downloadInto, openPartial } from './shared-download.ts'

/** Begins to fetch a blob into its file; another thread may read it there meanwhile, so that no byte is copied for it. */
export async function arrivingBlob(download: Download, call: Call<number> = {}): Promise<ArrivingBlob> {
  return new Arriving(await openPartial(download), download, call)
}

/**
 * Gives a chunk's memory back at once: the collector lets tens of megabytes of it gather, and has to look for them. Only
 * where the chunk is all that lies in it.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

/** The reader takes as much at once; to wake it for less would cost more than it does with that, in bytes. */
const worthWaking = 256 * 1024

class Arriving implements ArrivingBlob {
  readonly range: FileRange & { readonly filled: BigInt64Array }
  readonly arrival: Promise<void>
  readonly #file: FileHandle
  readonly #stop = new AbortController()
  #closed: Promise<void> | undefined

  constructor(file: FileHandle, download: Download, call: Call<number>) {
    this.#file = file
    // By its descriptor: whoever else fetches the blob may take the name away first.
    const path = `/proc/self/fd/${file.fd}`
    const filled = new BigInt64Array(new SharedArrayBuffer(8))
    this.range = { path, offset: 0, length: download.blob.size, filled }
    const { signal } = call
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal])
    this.arrival = this.#fetch(download, { ...call, signal: stop })
    this.arrival.catch(() => undefined)
  }

  async #fetch(download: Download, call: Call<number>): Promise<void> {
    let arrived = 0
    let told = 0
    const tell = (): void => {
      told = arrived
      this.#tell(arrived)
      call.onProgress?.(arrived)
    }
    try {
      for await (const chunk of downloadInto(this.#file, download, call)) {
        arrived += chunk.length
        release(chunk)
        if (arrived - told < worthWaking) continue
        call.signal?.throwIfAborted()
        tell()
      }
      tell()
    } catch (error) {
      this.#tell(-1)
      throw error
    }
  }

  #tell(filled: number): void {
    Atomics.store(this.range.filled, 0, BigInt(filled))
    Atomics.notify(this.range.filled, 0)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#stop.abort()
    await this.arrival.catch(() => undefined)
    await this.#file.close()
  }
}
