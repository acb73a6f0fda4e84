import type { Gunzip } from 'node:zlib'
import type { InflateEngine, InflateStep } from './inflate.ts'
import { zlib } from './zlib.ts'

/** What Node's zlib streams are made of: present since Node 0.11, and used so by npm itself. */
interface Handle {
  onerror(message: string): void
  writeSync(
    flush: number,
    input: Uint8Array | null,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void
}

interface Internals {
  readonly _handle?: Partial<Handle>
  /** Room left in the output, bytes left of the input. */
  readonly _writeState?: Uint32Array
}

/** Node's own zlib. Nothing where this Node has other streams within. */
export function zlibEngine(): InflateEngine | undefined {
  const stream = zlib().createGunzip()
  const { _handle: handle, _writeState: state } = stream as Internals
  if (typeof handle?.writeSync === 'function' && 'onerror' in handle && state instanceof Uint32Array)
    return new ZlibEngine(stream, handle as Handle, state)
  stream.close()
  return undefined
}

/** As zlib.h has them. */
const Z_NO_FLUSH = 0
const Z_FINISH = 4

class ZlibEngine implements InflateEngine {
  readonly #stream: Gunzip
  readonly #handle: Handle
  readonly #state: Uint32Array
  #failure: string | undefined

  constructor(stream: Gunzip, handle: Handle, state: Uint32Array) {
    this.#stream = stream
    this.#handle = handle
    this.#state = state
    handle.onerror = message => {
      this.#failure = message
    }
  }

  step(input: Uint8Array, output: Uint8Array, when: 'more' | 'last'): InflateStep {
    const flush = when === 'last' ? Z_FINISH : Z_NO_FLUSH
    this.#handle.writeSync(flush, input, 0, input.length, output, 0, output.length)
    if (this.#failure !== undefined) throw new Error(this.#failure)
    const [room = 0, left = 0] = this.#state
    // What is left although there is room comes after the last member.
    return { read: room > 0 ? input.length : input.length - left, written: output.length - room }
  }

  [Symbol.dispose](): void {
    this.#stream.close()
  }
}
