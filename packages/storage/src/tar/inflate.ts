import { constants, createGunzip, type Gunzip } from 'node:zlib'

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

const outputSize = 256 * 1024

/** Memory of its own. */
const newOutput = (): Buffer => Buffer.allocUnsafeSlow(outputSize)

interface Parts {
  readonly handle: Handle
  readonly state: Uint32Array
  readonly output: Buffer
}

/**
 * Decompresses gzip in the calling thread. A thread that unpacks has nothing else to do, and the stream's way through
 * Node's thread pool costs a layer a third of its time. Members may follow each other; what comes after the last is ignored.
 */
export class Inflater implements Disposable {
  readonly #stream: Gunzip
  readonly #handle: Handle
  readonly #state: Uint32Array
  readonly #output: Buffer
  #failure: string | undefined

  private constructor(stream: Gunzip, { handle, state, output }: Parts) {
    this.#stream = stream
    this.#output = output
    this.#handle = handle
    this.#state = state
    handle.onerror = message => {
      this.#failure = message
    }
  }

  /** Decompresses into `output`, again and again. Nothing where this Node has other streams within. */
  static open(output = newOutput()): Inflater | undefined {
    const stream = createGunzip()
    const { _handle: handle, _writeState: state } = stream as Internals
    if (typeof handle?.writeSync === 'function' && 'onerror' in handle && state instanceof Uint32Array)
      return new Inflater(stream, { handle: handle as Handle, state, output })
    stream.close()
    return undefined
  }

  /** Each piece is good until the next is asked for. @throws Error for broken data */
  push(input: Uint8Array): Generator<Buffer> {
    return this.#run(constants.Z_NO_FLUSH, input)
  }

  /** @throws Error for data that is cut off */
  end(): Generator<Buffer> {
    return this.#run(constants.Z_FINISH, new Uint8Array(0))
  }

  [Symbol.dispose](): void {
    this.#stream.close()
  }

  *#run(flush: number, input: Uint8Array): Generator<Buffer> {
    const size = this.#output.length
    let offset = 0
    let room = 0
    do {
      this.#handle.writeSync(flush, input, offset, input.length - offset, this.#output, 0, size)
      if (this.#failure !== undefined) throw new Error(this.#failure)
      const [left = 0, unread = 0] = this.#state
      room = left
      offset = input.length - unread
      if (room < size) yield this.#output.subarray(0, size - room)
    } while (room === 0)
  }
}
