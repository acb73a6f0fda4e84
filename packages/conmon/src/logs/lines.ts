/** A line, or a part of one that is longer than anyone should have to hold. */
export interface Line {
  readonly bytes: Buffer
  /** The line goes on in the next part. */
  readonly cut: boolean
}

const newline = 0x0a
/** conmon writes lines of 8 KiB at most; what is longer was not written by it. */
const longestPart = 1 << 20

/** Cuts a file's bytes into lines, whatever the pieces they come in. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  *push(bytes: Buffer): Generator<Line> {
    let at = 0
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
      yield { bytes: this.#complete(bytes.subarray(at, end)), cut: false }
      at = end + 1
    }
    if (at < bytes.length) this.#rest = this.#complete(bytes.subarray(at))
    while (this.#rest.length >= longestPart) {
      yield { bytes: this.#rest.subarray(0, longestPart), cut: true }
      this.#rest = this.#rest.subarray(longestPart)
    }
  }

  /** Forgets the beginning of a line that will not be finished. */
  clear(): void {
    this.#rest = Buffer.alloc(0)
  }

  #complete(end: Buffer): Buffer {
    if (this.#rest.length === 0) return end
    const whole = Buffer.concat([this.#rest, end])
    this.clear()
    return whole
  }
}
