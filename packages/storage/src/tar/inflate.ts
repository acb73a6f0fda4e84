import { isalEngine } from './inflate-isal.ts'
import { zlibEngine } from './inflate-zlib.ts'

/** What decompresses gzip in the calling thread. */
export interface InflateEngine extends Disposable {
  /**
   * From one memory into another, as far as either lasts; with no room left there may be more of it. `last`: no input comes
   * any more. @throws Error for broken data, and for data that is cut off
   */
  step(input: Uint8Array, output: Uint8Array, when: 'more' | 'last'): InflateStep
}

export interface InflateStep {
  readonly read: number
  readonly written: number
}

const outputSize = 256 * 1024
const nothing = new Uint8Array(0)

/**
 * Decompresses gzip in the calling thread. A thread that unpacks has nothing else to do, and the stream's way through
 * Node's thread pool costs a layer a third of its time. Members may follow each other; zeros after the last are ignored.
 */
export class Inflater implements Disposable {
  readonly #engine: InflateEngine
  readonly #output: Buffer

  /** Decompresses into `output`, again and again: memory of its own when left out. */
  constructor(engine: InflateEngine, output: Buffer = Buffer.allocUnsafeSlow(outputSize)) {
    this.#engine = engine
    this.#output = output
  }

  /** By the quickest that is there; nothing where the host has no library for it and this Node other streams within. */
  static open(output?: Buffer): Inflater | undefined {
    const engine = isalEngine() ?? zlibEngine()
    return engine && new Inflater(engine, output)
  }

  /** Each piece is good until the next is asked for. @throws Error for broken data */
  push(input: Uint8Array): Generator<Buffer> {
    return this.#run(input, 'more')
  }

  /** @throws Error for data that is cut off */
  end(): Generator<Buffer> {
    return this.#run(nothing, 'last')
  }

  [Symbol.dispose](): void {
    this.#engine[Symbol.dispose]()
  }

  *#run(input: Uint8Array, when: 'more' | 'last'): Generator<Buffer> {
    const output = this.#output
    for (let offset = 0; ; ) {
      const { read, written } = this.#engine.step(input.subarray(offset), output, when)
      offset += read
      if (written > 0) yield output.subarray(0, written)
      if (written < output.length && offset === input.length) return
      if (read === 0 && written === 0) throw new Error('the data leads nowhere')
    }
  }
}
