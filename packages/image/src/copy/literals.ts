import { endOfBlock, literalCode } from './huffman.ts'
import type { LiteralMachine, Look } from './literal-machine.ts'

const [storedBlock, dynamicBlock] = [0, 2]
/** Bytes at most in one stored block. */
const longestStored = 0xffff
/** Of a dynamic block's head and what ends it, in bytes. */
const frame = 160
/** The order in which a block's head gives the lengths of the codes for code lengths; all 16 plain ones take 4 bits. */
const plainLengths = [0, 0, 0, ...Array<number>(16).fill(4)]

/** How much longer than expected a piece may become before its bytes are all counted: a hundredth. */
const tolerance = 1.01

/**
 * Codes a piece's symbols without looking for repetitions, as whole deflate blocks (RFC 1951) that end with a byte: what zlib
 * calls Z_HUFFMAN_ONLY, in a third of its time. What cannot be made smaller is stored. How often each symbol comes is told by an eighth of
 * the piece, unless the rest turns out to be otherwise. The piece lies in the machine's memory, and the result in one of its outputs.
 */
export function deflateLiterals(piece: Uint8Array, machine: LiteralMachine, into: number): Uint8Array {
  const output = machine.output(into)
  return (
    coded(piece, machine, { output, look: 'here-and-there' }) ??
    coded(piece, machine, { output, look: 'everywhere' }) ??
    stored(piece, output)
  )
}

interface Attempt {
  readonly output: Buffer
  readonly look: Look
}

/** Undefined when the code that was made does not fit the piece, or no code makes it smaller. */
function coded(piece: Uint8Array, machine: LiteralMachine, { output, look }: Attempt): Uint8Array | undefined {
  const counts = machine.count(piece, look)
  const { lengths, words } = literalCode(counts)
  let [bits, counted] = [0, 0]
  for (let symbol = 0; symbol < endOfBlock; symbol++) {
    bits += (counts[symbol] ?? 0) * (lengths[symbol] ?? 0)
    counted += counts[symbol] ?? 0
  }
  const expected = ((bits / 8) * piece.length) / counted + frame
  if (expected >= piece.length) return undefined
  const writer = new BitWriter(output)
  writer.put(dynamicBlock << 1, 3)
  // All 257 lengths of literals, two of distances: never used, but a code of none confuses some.
  writer.put(0, 5)
  writer.put(1, 5)
  writer.put(plainLengths.length - 4, 4)
  for (const length of plainLengths) writer.put(length, 3)
  for (const length of lengths) writer.put(plainLength(length), 4)
  for (const length of [1, 1]) writer.put(plainLength(length), 4)
  machine.use(words)
  const position = machine.code(piece, output, writer.position)
  if (position === undefined || position / 8 > expected * tolerance) return undefined
  writer.position = position
  const end = words[endOfBlock] ?? 0
  writer.put(end & 0xffff, end >>> 16)
  return writer.end()
}

/** The code of a length when all sixteen have four bits: itself, its bits reversed. */
const plainLength = (length: number): number =>
  ((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | ((length & 8) >> 3)

function stored(piece: Uint8Array, output: Buffer): Uint8Array {
  let end = 0
  for (let at = 0; at < piece.length; at += longestStored) {
    const part = piece.subarray(at, at + longestStored)
    output[end] = storedBlock
    output.writeUInt16LE(part.length, end + 1)
    output.writeUInt16LE(part.length ^ 0xffff, end + 3)
    output.set(part, end + 5)
    end += 5 + part.length
  }
  return output.subarray(0, end)
}

/** Bits from the lowest on, as deflate sends them. */
class BitWriter {
  readonly #output: Buffer
  #at = 0
  #held = 0
  #count = 0

  constructor(output: Buffer) {
    this.#output = output
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

  /** The bit to be written next; what was begun of its byte lies in the output. */
  get position(): number {
    this.#output[this.#at] = this.#held
    return 8 * this.#at + this.#count
  }

  set position(bit: number) {
    this.#at = bit >>> 3
    this.#count = bit & 7
    this.#held = this.#output[this.#at] ?? 0
  }

  /** Everything up to a whole byte: an empty stored block ends with one. */
  end(): Buffer {
    this.put(storedBlock, 3)
    this.put(0, (8 - this.#count) & 7)
    this.#output.writeUInt32LE(0xffff0000, this.#at)
    return this.#output.subarray(0, this.#at + 4)
  }
}
