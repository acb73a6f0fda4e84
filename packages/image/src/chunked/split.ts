/** Zeros in a row that are a hole. */
const holeSize = 1024
/** No chunk is longer, in bytes: chunks are held in memory. */
const longestChunk = 4 * 1024 * 1024
const windowSize = 64
const charOffset = 31
/** A chunk of data ends where so many bits of the sum are set: 64 KiB on average. */
const mask = (1 << 16) - 1

/** A stretch of a file: data, or nothing but zeros. */
export interface Cut {
  readonly kind: 'data' | 'zeros'
  /** Where it ends in the file, in bytes. */
  readonly end: number
}

/**
 * Finds where a file is cut into chunks: by what it says, not by how long it is, so that a change moves only the cuts next to
 * it. The rolling sum is bup's, as zstd:chunked uses it.
 */
export class Splitter {
  readonly #window = new Uint8Array(windowSize)
  #slot = 0
  #one = windowSize * charOffset
  #two = windowSize * (windowSize - 1) * charOffset
  #position = 0
  #start = 0
  /** Zeros before the position that may be a hole. */
  #zeros = 0
  #kind: Cut['kind'] = 'data'

  /** The cuts that the bytes bring. */
  push(bytes: Uint8Array): Cut[] {
    const cuts: Cut[] = []
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (byte === 0) this.#zero(cuts)
      else this.#other(byte, cuts)
      if (this.#position - this.#start >= longestChunk) this.#cut(this.#position, cuts)
    }
    return cuts
  }

  /** The last cut; none for a file of no bytes. */
  end(): Cut[] {
    const cuts: Cut[] = []
    this.#settle(cuts)
    this.#cut(this.#position, cuts)
    return cuts
  }

  #zero(cuts: Cut[]): void {
    this.#position++
    if (this.#kind === 'zeros' || ++this.#zeros < holeSize) return
    this.#cut(this.#position - holeSize, cuts)
    this.#zeros = 0
    this.#kind = 'zeros'
  }

  #other(byte: number, cuts: Cut[]): void {
    if (this.#kind === 'zeros') {
      this.#cut(this.#position, cuts)
      this.#kind = 'data'
      for (let left = windowSize; left > 0; left--) this.#roll(0)
    } else if (this.#zeros > 0) this.#settle(cuts)
    this.#position++
    if (this.#roll(byte)) this.#cut(this.#position, cuts)
  }

  /** Zeros too few for a hole are data. */
  #settle(cuts: Cut[]): void {
    for (; this.#zeros > 0; this.#zeros--) if (this.#roll(0)) this.#cut(this.#position - this.#zeros + 1, cuts)
  }

  #cut(end: number, cuts: Cut[]): void {
    if (end <= this.#start) return
    cuts.push({ kind: this.#kind, end })
    this.#start = end
  }

  /** Whether a chunk ends after this byte. */
  #roll(byte: number): boolean {
    const dropped = this.#window[this.#slot] ?? 0
    this.#window[this.#slot] = byte
    this.#slot = (this.#slot + 1) % windowSize
    this.#one = (this.#one + byte - dropped) | 0
    this.#two = (this.#two + this.#one - windowSize * (dropped + charOffset)) | 0
    return (this.#two & mask) === mask
  }
}
