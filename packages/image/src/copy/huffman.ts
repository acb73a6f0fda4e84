/** Of no code more than this many bits: two and what is left of a byte fit a word. */
const longest = 12
const symbols = 257
/** Deflate's symbol for the end of a block (RFC 1951 §3.2.5). */
export const endOfBlock = 256

export interface LiteralCode {
  /** Of each symbol, in bits; 0 for one that does not occur. */
  readonly lengths: Uint8Array
  /** Each symbol's bits in the order in which they are sent, and above 16 bits their number. */
  readonly words: Uint32Array
}

/** The Huffman code for bytes that occur so often, and one end of block. Codes are given out as RFC 1951 §3.2.2 has it. */
export function literalCode(counts: Uint32Array): LiteralCode {
  const lengths = codeLengths(counts)
  const words = new Uint32Array(symbols)
  let code = 0
  for (let length = 1; length <= longest; length++) {
    for (let symbol = 0; symbol < symbols; symbol++)
      if (lengths[symbol] === length) words[symbol] = reversed(code++, length) | (length << 16)
    code <<= 1
  }
  return { lengths, words }
}

/** What is rare counts for more than it is, as much as it takes to keep codes short. */
function codeLengths(counts: Uint32Array): Uint8Array {
  const used = [...Array(endOfBlock).keys()].filter(symbol => (counts[symbol] ?? 0) > 0)
  const weighed = used.map(symbol => ({ symbol, weight: counts[symbol] ?? 0 }))
  const leaves = [{ symbol: endOfBlock, weight: 1 }, ...weighed].sort((one, other) => one.weight - other.weight)
  for (let least = 1; ; least *= 2) {
    const depths = treeDepths(leaves.map(({ weight }) => Math.max(weight, least)))
    if ((depths[0] ?? 0) > longest) continue
    const lengths = new Uint8Array(symbols)
    // A code of one symbol has a bit too.
    for (const [at, { symbol }] of leaves.entries()) lengths[symbol] = Math.max(1, depths[at] ?? 0)
    return lengths
  }
}

/** How deep each leaf of a Huffman tree lies; weights in ascending order, so the first is the deepest. */
function treeDepths(leaves: readonly number[]): Uint8Array {
  const count = leaves.length
  const weights = Float64Array.from({ length: 2 * count - 1 }, (_, at) => leaves[at] ?? 0)
  const parents = new Uint16Array(2 * count - 1)
  let leaf = 0
  let inner = count
  const lightest = (made: number): number =>
    leaf < count && (inner === made || (weights[leaf] ?? 0) <= (weights[inner] ?? 0)) ? leaf++ : inner++
  for (let node = count; node < weights.length; node++) {
    for (const child of [lightest(node), lightest(node)]) {
      parents[child] = node
      weights[node] = (weights[node] ?? 0) + (weights[child] ?? 0)
    }
  }
  const depths = new Uint8Array(2 * count - 1)
  for (let node = depths.length - 2; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1
  return depths
}

function reversed(code: number, length: number): number {
  let bits = 0
  for (let at = 0; at < length; at++) bits |= ((code >> at) & 1) << (length - 1 - at)
  return bits
}
