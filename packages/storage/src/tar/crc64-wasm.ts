import type { Crc64 } from './crc64.ts'

/**
 * CRC-64/ISO in WebAssembly, sixteen bytes a step. JavaScript has no 64-bit integers
 * fast enough for it. Memory: sixteen tables of 256 words, the running value, then a buffer that callers may read into, so
 * that nothing need be copied.
 */

const tableCount = 16
const tableSize = 2048
const stateAt = tableCount * tableSize
const bufferAt = stateAt + 16
export const crcBufferSize = 512 * 1024
const guestsAt = bufferAt + crcBufferSize
const guestsSize = 256 * 1024
const pages = Math.ceil((guestsAt + guestsSize) / 65536)

/** Instructions of the WebAssembly core specification, by their mnemonics. */
const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  i32Const: (value: number) => [0x41, ...signed(value)],
  i64Const: (value: number) => [0x42, ...signed(value)],
  i64Load: (offset: number) => [0x29, 0, ...unsigned(offset)],
  i64Load8: (offset: number) => [0x31, 0, ...unsigned(offset)],
  i64Store: (offset: number) => [0x37, 0, ...unsigned(offset)],
  i32GtU: [0x4b],
  i32GeU: [0x4f],
  i32Add: [0x6a],
  i32And: [0x71],
  i32Shl: [0x74],
  i64And: [0x83],
  i64Shl: [0x86],
  i64Xor: [0x85],
  i64ShrU: [0x88],
  wrap: [0xa7],
} as const

function unsigned(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  const done = (rest === 0 && !(low & 0x40)) || (rest === -1 && (low & 0x40) !== 0)
  return done ? [low] : [low | 0x80, ...signed(rest)]
}

const [pointer, limit, crc, first, second] = [0, 1, 2, 3, 4]

/** Pushes tables[table][byte `index` of the word]: the byte is moved to where it is an offset already. */
const lookUp = (word: number, index: number, table: number): number[] => [
  ...op.get(word),
  ...(index === 0 ? [...op.i64Const(3), ...op.i64Shl] : [...op.i64Const(8 * index - 3), ...op.i64ShrU]),
  ...[op.i64Const(0x7f8), op.i64And, op.wrap, op.i64Load(table * tableSize)].flat(),
]

/** Pairs first: what depends on nothing of each other is worked on at once. */
function xorAll(terms: readonly (readonly number[])[]): number[] {
  if (terms.length === 1) return [...(terms[0] ?? [])]
  const middle = terms.length / 2
  return [...xorAll(terms.slice(0, middle)), ...xorAll(terms.slice(middle)), ...op.i64Xor]
}

const bytesOfWord = [0, 1, 2, 3, 4, 5, 6, 7] as const

const advance = (bytes: number): number[] => [op.get(pointer), op.i32Const(bytes), op.i32Add, op.set(pointer)].flat()

/** Made where it is needed: that takes a thread 2 ms. */
function functionBody(): number[] {
  return [
    [1, 3, 0x7e],
    [op.i32Const(0), op.i64Load(stateAt), op.set(crc)].flat(),
    [op.block, op.loop].flat(),
    [op.get(pointer), op.i32Const(16), op.i32Add, op.get(limit), op.i32GtU, op.brIf(1)].flat(),
    [op.get(pointer), op.i64Load(8), op.set(second)].flat(),
    [op.get(crc), op.get(pointer), op.i64Load(0), op.i64Xor, op.set(first)].flat(),
    xorAll(bytesOfWord.map(index => lookUp(second, index, 7 - index))),
    xorAll(bytesOfWord.map(index => lookUp(first, index, 15 - index))),
    [op.i64Xor, op.set(crc)].flat(),
    advance(16),
    [op.br(0), op.end, op.end].flat(),
    [op.block, op.loop].flat(),
    [op.get(pointer), op.get(limit), op.i32GeU, op.brIf(1)].flat(),
    [
      op.get(crc),
      op.get(pointer),
      op.i64Load8(0),
      op.i64Xor,
      op.wrap,
      op.i32Const(255),
      op.i32And,
      op.i32Const(3),
      op.i32Shl,
    ].flat(),
    [op.i64Load(0), op.get(crc), op.i64Const(8), op.i64ShrU, op.i64Xor, op.set(crc)].flat(),
    advance(1),
    [op.br(0), op.end, op.end].flat(),
    [op.i32Const(0), op.get(crc), op.i64Store(stateAt), op.end].flat(),
  ].flat()
}

const section = (id: number, bytes: readonly number[]): number[] => [id, ...unsigned(bytes.length), ...bytes]
const name = (text: string): number[] => [text.length, ...Buffer.from(text)]

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const body = functionBody()
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('update'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ])
}

/** The upper half of the polynomial; the lower is zero. */
const polynomial = 0xd8000000

/** Each word as its two halves, the lower first: every thread fills tables, and BigInts would take it five times as long. */
function fillTables(halves: Uint32Array): void {
  for (let index = 0; index < 256; index++) {
    let low = index
    let high = 0
    for (let bit = 0; bit < 8; bit++) {
      const taken = low & 1 ? polynomial : 0
      low = (low >>> 1) | (high << 31)
      high = (high >>> 1) ^ taken
    }
    halves[2 * index] = low
    halves[2 * index + 1] = high
  }
  for (let at = 512; at < tableCount * 512; at += 2) {
    const low = halves[at - 512] ?? 0
    const high = halves[at - 511] ?? 0
    const first = 2 * (low & 255)
    halves[at] = (halves[first] ?? 0) ^ ((low >>> 8) | (high << 24))
    halves[at + 1] = (halves[first + 1] ?? 0) ^ (high >>> 8)
  }
}

/** The types are the DOM's, the thing itself is Node's too. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: CrcModule }
  }
}

interface CrcModule {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly update: (pointer: number, limit: number) => void
}

export class WasmCrc64 implements Crc64 {
  readonly buffer: Buffer
  readonly #guests: Buffer
  readonly #digest = Buffer.alloc(8)
  /** The running value, its low half first. */
  readonly #state: Uint32Array
  readonly #update: (pointer: number, limit: number) => void

  constructor() {
    const { Instance, Module } = (globalThis as unknown as WithWebAssembly).WebAssembly
    const { memory, update } = new Instance(new Module(moduleBytes())).exports
    fillTables(new Uint32Array(memory.buffer, 0, tableCount * 512))
    this.#state = new Uint32Array(memory.buffer, stateAt, 2)
    this.buffer = Buffer.from(memory.buffer, bufferAt, crcBufferSize)
    this.#guests = Buffer.from(memory.buffer, guestsAt, guestsSize)
    this.#update = update
    this.reset()
  }

  reset(): void {
    this.#state.fill(0xffffffff)
  }

  update(bytes: Uint8Array): void {
    if (bytes.buffer === this.buffer.buffer) {
      this.#update(bytes.byteOffset, bytes.byteOffset + bytes.length)
      return
    }
    for (let at = 0; at < bytes.length; at += guestsSize) {
      const piece = bytes.subarray(at, at + guestsSize)
      this.#guests.set(piece)
      this.#update(guestsAt, guestsAt + piece.length)
    }
  }

  digest(): Buffer {
    const [low = 0, high = 0] = this.#state
    this.#digest.writeInt32BE(~high, 0)
    this.#digest.writeInt32BE(~low, 4)
    return this.#digest
  }
}
