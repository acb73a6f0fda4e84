import { timingSafeEqual } from 'node:crypto'

// XSalsa20-Poly1305 as NaCl's secretbox defines it (cr.yp.to, "Extending the Salsa20 nonce"; RFC 8439 §2.5 for
// Poly1305). Node has no such cipher, and keys are a few hundred bytes: clarity before speed.

const sigma = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const
const tagLength = 16

/** @returns the plain text, or undefined when key or box are wrong */
export function openSecretbox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const tag = box.subarray(0, tagLength)
  const cipher = box.subarray(tagLength)
  const stream = keystream(key, nonce, 32 + cipher.length)
  const expected = poly1305(cipher, stream.subarray(0, 32))
  if (tag.length !== tagLength || !timingSafeEqual(tag, expected)) return undefined
  return xor(cipher, stream.subarray(32))
}

export function sealSecretbox(plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  const stream = keystream(key, nonce, 32 + plain.length)
  const cipher = xor(plain, stream.subarray(32))
  return Buffer.concat([poly1305(cipher, stream.subarray(0, 32)), cipher])
}

const xor = (bytes: Uint8Array, stream: Uint8Array): Uint8Array => bytes.map((byte, at) => byte ^ (stream[at] ?? 0))

function words(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true))
}

function fromWords(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [at, value] of values.entries()) view.setUint32(at * 4, value >>> 0, true)
  return bytes
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** The four quarter rounds down the columns, then along the rows. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const

function rounds(start: readonly number[]): number[] {
  const x = [...start]
  const step = (to: number, a: number, b: number, by: number): void => {
    x[to] = (x[to] ?? 0) ^ rotate(((x[a] ?? 0) + (x[b] ?? 0)) | 0, by)
  }
  for (let round = 0; round < 10; round++) {
    for (const [a, b, c, d] of quarters) {
      step(b, a, d, 7)
      step(c, b, a, 9)
      step(d, c, b, 13)
      step(a, d, c, 18)
    }
  }
  return x
}

/** The cipher's state: constants on the diagonal, the key around them, 16 bytes of nonce and counter within. */
function state(key: readonly number[], input: readonly number[]): number[] {
  const [s0, s1, s2, s3] = sigma
  return [s0, ...key.slice(0, 4), s1, ...input, s2, ...key.slice(4, 8), s3]
}

function keystream(key: Uint8Array, nonce: Uint8Array, length: number): Uint8Array {
  const mixed = rounds(state(words(key), words(nonce.subarray(0, 16))))
  const subkey = [0, 5, 10, 15, 6, 7, 8, 9].map(at => mixed[at] ?? 0)
  const rest = words(nonce.subarray(16, 24))
  const blocks: Uint8Array[] = []
  for (let made = 0; made < length; made += 64) {
    const start = state(subkey, [...rest, made / 64, 0])
    blocks.push(fromWords(rounds(start).map((value, at) => (value + (start[at] ?? 0)) | 0)))
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function poly1305(message: Uint8Array, key: Uint8Array): Uint8Array {
  const r = toBigInt(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  const prime = (1n << 130n) - 5n
  let sum = 0n
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16)
    sum = ((sum + toBigInt(block) + (1n << BigInt(8 * block.length))) * r) % prime
  }
  const tag = (sum + toBigInt(key.subarray(16, 32))) & ((1n << 128n) - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`)
