/** Each block costs a call or a message to another thread, in bytes. */
const blockLength = 256 * 1024

/** Gathers pieces, each good only until the next is asked for, into large blocks that stay as they are. */
export class Blocks {
  #block = Buffer.allocUnsafeSlow(blockLength)
  #filled = 0

  #take(): Uint8Array {
    const block = this.#block.subarray(0, this.#filled)
    this.#block = Buffer.allocUnsafeSlow(blockLength)
    this.#filled = 0
    return block
  }

  /** Takes a piece; gives each block that it fills. */
  *add(piece: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + blockLength - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === blockLength) yield this.#take()
    }
  }

  /** What is left. */
  *end(): Generator<Uint8Array> {
    if (this.#filled > 0) yield this.#take()
  }
}
