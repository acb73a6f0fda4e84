import { type GzipInflater, openGzipInflater } from '@libpod/syscall'
import type { InflateEngine, InflateStep } from './inflate.ts'

/** The host's ISA-L; nothing where it has none. */
export function isalEngine(): InflateEngine | undefined {
  const inflater = openGzipInflater()
  return inflater && new IsalEngine(inflater)
}

class IsalEngine implements InflateEngine {
  readonly #inflater: GzipInflater
  #at: 'within' | 'between' | 'after' = 'within'

  constructor(inflater: GzipInflater) {
    this.#inflater = inflater
  }

  step(input: Uint8Array, output: Uint8Array, when: 'more' | 'last'): InflateStep {
    if (this.#at === 'between' && input.length > 0) this.#next(input)
    if (this.#at !== 'within') return { read: input.length, written: 0 }
    const { read, written, member } = this.#inflater.step(input, output)
    if (member === 'ended') this.#at = 'between'
    else if (when === 'last' && written < output.length) throw new Error('unexpected end of file')
    return { read, written }
  }

  /** Another member, or the zeros that fill a block up. */
  #next(input: Uint8Array): void {
    if (input[0] === 0) {
      this.#at = 'after'
      return
    }
    this.#inflater.reset()
    this.#at = 'within'
  }

  [Symbol.dispose](): void {}
}
