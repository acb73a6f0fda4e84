/** Of no code more than this many bits: two and what is left of a byte fit a word. */
export const longestCode = 12
const symbols = 257
/** Deflate's symbol for the end of a block (RFC 1951 §3.2.5). */
export const endOfBlock = 256

export interface LiteralCode {
  /** Of each symbol, in bits; 0 for one that does not occur. */
  readonly lengths: Uint8Array
  /** Each symbol's bits in the order in which they are sent, and above 16 bits their number. */
  readonly words: Uint32Array
}

/** The Huffman code for bytes that occur so often, less than 2^22 times, and one end of block. Codes are given out as RFC 1951 §3.2.2 has it. */
export function literalCode(counts: Uint32Array): LiteralCode {
  const lengths = codeLengths(counts)
  const words = new Uint32Array(symbols)
  let code = 0
  for (let length = 1; length <= longestCode; length++) {
    for (let symbol = 0; symbol < symbols; symbol++)
      if (lengths[symbol] === length) words[symbol] = reversed(code++, length) | (length << 16)
    code <<= 1
  }
  return { lengths, words }
}

/** What is rare counts for more than it is, as much as it takes to keep codes short. */
function codeLengths(counts: Uint32Array): Uint8Array {
  const leaves = lightestFirst(counts)
  const total = leaves.reduce((sum, leaf) => sum + weightOf(leaf), 0)
  for (let least = 1 + (total >>> (longestCode + 1)); ; least *= 2) {
    const depths = treeDepths(leaves, least)
    if ((depths[0] ?? 0) > longestCode) continue
    const lengths = new Uint8Array(symbols)
    // A code of one symbol has a bit too.
    for (let at = 0; at < leaves.length; at++) lengths[symbolOf(leaves[at] ?? 0)] = Math.max(1, depths[at] ?? 0)
    return lengths
  }
}

/** A leaf of the tree: how often its symbol comes, and the symbol in nine bits below. */
const weightOf = (leaf: number): number => leaf >>> 9
const symbolOf = (leaf: number): number => leaf & 511

function lightestFirst(counts: Uint32Array): Uint32Array {
  const leaves = new Uint32Array(symbols)
  let used = 0
  for (let symbol = 0; symbol < endOfBlock; symbol++) {
    const count = counts[symbol] ?? 0
    if (count > 0) leaves[used++] = (count << 9) | symbol
  }
  leaves[used++] = (1 << 9) | endOfBlock
  return leaves.subarray(0, used).sort()
}

/** How deep each leaf of a Huffman tree lies; the first is the deepest. */
function treeDepths(leaves: Uint32Array, least: number): Uint8Array {
  const count = leaves.length
  const weights = new Uint32Array(2 * count - 1)
  for (let at = 0; at < count; at++) weights[at] = Math.max(least, weightOf(leaves[at] ?? 0))
  const parents = new Uint16Array(weights.length)
  let leaf = 0
  let inner = count
  for (let node = count; node < weights.length; node++) {
    for (let children = 0; children < 2; children++) {
      const isLeaf = leaf < count && (inner === node || (weights[leaf] ?? 0) <= (weights[inner] ?? 0))
      const child = isLeaf ? leaf++ : inner++
      parents[child] = node
      weights[node] = (weights[node] ?? 0) + (weights[child] ?? 0)
    }
  }
  const depths = new Uint8Array(weights.length)
  for (let node = depths.length - 2; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1
  return depths
}

function reversed(code: number, length: number): number {
  let bits = 0
  for (let at = 0; at < length; at++) bits |= ((code >> at) & 1) << (length - 1 - at)
  return bits
}
