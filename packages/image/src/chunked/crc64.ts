/** CRC-64/ISO as two halves: the checksum of files in the tar-split format. */
const low = new Int32Array(256)
const high = new Int32Array(256)

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let [lo, hi] = [byte, 0]
    for (let bit = 0; bit < 8; bit++) {
      const odd = lo & 1
      lo = (lo >>> 1) | (hi << 31)
      hi = (hi >>> 1) ^ (odd === 1 ? 0xd8000000 : 0)
    }
    low[byte] = lo
    high[byte] = hi
  }
}

/** Sums up bytes as they come. */
export class Crc64 {
  #low = -1
  #high = -1

  constructor() {
    if (high[1] === 0) fillTables()
  }

  update(bytes: Uint8Array): void {
    let [lo, hi] = [this.#low, this.#high]
    for (let at = 0; at < bytes.length; at++) {
      const slot = (lo ^ (bytes[at] ?? 0)) & 0xff
      lo = ((lo >>> 8) | (hi << 24)) ^ (low[slot] ?? 0)
      hi = (hi >>> 8) ^ (high[slot] ?? 0)
    }
    this.#low = lo
    this.#high = hi
  }

  /** Eight bytes, the most significant first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32BE(~this.#high, 0)
    bytes.writeInt32BE(~this.#low, 4)
    return bytes
  }
}
