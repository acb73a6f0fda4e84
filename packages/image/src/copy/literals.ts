import { endOfBlock, literalCode } from './huffman.ts'

const [storedBlock, dynamicBlock] = [0, 2]
/** Bytes at most in one stored block. */
const longestStored = 0xffff
/** Of a dynamic block's head and what ends it, in bytes. */
const frame = 160
/** The order in which a block's head gives the lengths of the codes for code lengths; all 16 plain ones take 4 bits. */
const plainLengths = [0, 0, 0, ...Array<number>(16).fill(4)]

/**
 * Codes a piece's symbols without looking for repetitions, as whole deflate blocks (RFC 1951) that end with a byte: what zlib
 * calls Z_HUFFMAN_ONLY, in half of its time. What cannot be made smaller is stored. The result may lie in `memory`, which is as large as the piece.
 */
export function deflateLiterals(piece: Uint8Array, memory: Buffer): Uint8Array {
  const counts = countBytes(piece)
  const code = literalCode(counts)
  let bits = 0
  for (let symbol = 0; symbol < endOfBlock; symbol++) bits += (counts[symbol] ?? 0) * (code.lengths[symbol] ?? 0)
  if (bits / 8 + frame >= piece.length) return stored(piece)
  const writer = new BitWriter(memory)
  writer.put(dynamicBlock << 1, 3)
  // All 257 lengths of literals, two of distances: never used, but a code of none confuses some.
  writer.put(0, 5)
  writer.put(1, 5)
  writer.put(plainLengths.length - 4, 4)
  for (const length of plainLengths) writer.put(length, 3)
  for (const length of code.lengths) writer.put(plainLength(length), 4)
  for (const length of [1, 1]) writer.put(plainLength(length), 4)
  writer.symbols(piece, code.words)
  const end = code.words[endOfBlock] ?? 0
  writer.put(end & 0xffff, end >>> 16)
  return writer.end()
}

/** The code of a length when all sixteen have four bits: itself, its bits reversed. */
const plainLength = (length: number): number =>
  ((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | ((length & 8) >> 3)

function stored(piece: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < piece.length; at += longestStored) {
    const part = piece.subarray(at, at + longestStored)
    const head = Buffer.of(storedBlock, 0, 0, 0, 0)
    head.writeUInt16LE(part.length, 1)
    head.writeUInt16LE(part.length ^ 0xffff, 3)
    parts.push(head, part)
  }
  return Buffer.concat(parts)
}

/** Four counts at once: a processor waits for the last before it counts the same byte again. */
const quarters = new Uint32Array(4 * 256)

function countBytes(piece: Uint8Array): Uint32Array {
  quarters.fill(0)
  const whole = piece.length & ~3
  for (let at = 0; at < whole; at += 4) {
    count(piece[at] ?? 0)
    count(256 + (piece[at + 1] ?? 0))
    count(512 + (piece[at + 2] ?? 0))
    count(768 + (piece[at + 3] ?? 0))
  }
  for (let at = whole; at < piece.length; at++) count(piece[at] ?? 0)
  for (let at = 256; at < quarters.length; at++) quarters[at & 255] = (quarters[at & 255] ?? 0) + (quarters[at] ?? 0)
  return quarters
}

function count(slot: number): void {
  quarters[slot] = (quarters[slot] ?? 0) + 1
}

/** Bits from the lowest on, as deflate sends them. */
class BitWriter {
  readonly #output: Buffer
  readonly #view: DataView
  #at = 0
  #held = 0
  #count = 0

  constructor(output: Buffer) {
    this.#output = output
    this.#view = new DataView(output.buffer, output.byteOffset, output.length)
  }

  /** At most 24 bits. */
  put(bits: number, count: number): void {
    this.#held |= bits << this.#count
    this.#count += count
    for (; this.#count >= 8; this.#count -= 8) {
      this.#output[this.#at++] = this.#held
      this.#held >>>= 8
    }
  }

  /** Two symbols a turn; a word is written each time, of which the next one overwrites what is not filled. */
  symbols(bytes: Uint8Array, words: Uint32Array): void {
    const view = this.#view
    let at = this.#at
    let held = this.#held
    let count = this.#count
    const pairs = bytes.length & ~1
    for (let next = 0; next < pairs; next += 2) {
      const one = words[bytes[next] ?? 0] ?? 0
      const two = words[bytes[next + 1] ?? 0] ?? 0
      const length = one >>> 16
      held |= ((one & 0xffff) | ((two & 0xffff) << length)) << count
      count += length + (two >>> 16)
      view.setUint32(at, held, true)
      at += count >>> 3
      held >>>= count & 24
      count &= 7
    }
    this.#at = at
    this.#held = held
    this.#count = count
    if (pairs === bytes.length) return
    const last = words[bytes[pairs] ?? 0] ?? 0
    this.put(last & 0xffff, last >>> 16)
  }

  /** Everything up to a whole byte: an empty stored block ends with one. */
  end(): Buffer {
    this.put(storedBlock, 3)
    this.put(0, (8 - this.#count) & 7)
    this.#view.setUint32(this.#at, 0xffff0000, true)
    return this.#output.subarray(0, this.#at + 4)
  }
}
