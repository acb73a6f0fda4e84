/** Each block costs a call or a message to another thread, in bytes. */
export const blockLength = 256 * 1024

/** Whether a block stays as it is, or is used again once the next one is asked for. */
export type BlockUse = 'kept' | 'lent'

/** Gathers pieces, each good only until the next is asked for, into large blocks. */
export class Blocks {
  readonly #use: BlockUse
  #block = Buffer.allocUnsafeSlow(blockLength)
  #filled = 0

  constructor(use: BlockUse = 'kept') {
    this.#use = use
  }

  #take(): Buffer {
    const block = this.#block.subarray(0, this.#filled)
    if (this.#use === 'kept') this.#block = Buffer.allocUnsafeSlow(blockLength)
    this.#filled = 0
    return block
  }

  /** Takes a piece; gives each block that it fills. */
  *add(piece: Uint8Array): Generator<Buffer> {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + blockLength - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === blockLength) yield this.#take()
    }
  }

  /** What is left. */
  *end(): Generator<Buffer> {
    if (this.#filled > 0) yield this.#take()
  }
}
