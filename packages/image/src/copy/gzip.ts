import { constants, createGzip } from 'node:zlib'
import type { Bytes } from '../call.ts'
import { through } from './through.ts'

/** What is compressed in one way, and each piece of output, in bytes. */
const pieceSize = 256 * 1024
const sampleSize = 8 * 1024
/** zlib's level for layers: the size of the default level within a few percent, in half the time. */
const usualLevel = 5
/** How much of a sample must be repetition for looking for it to be worthwhile. */
const worthwhile = 0.125

/**
 * Compresses as gzip; the same bytes and level always give the same result. Unless a level is asked for, stretches in which
 * hardly anything comes twice (media, archives, encoded data) only have their symbols coded: looking for repetitions takes
 * three quarters of the time, there for nothing. Each stretch is a member of its own, as gzip's members may follow each other.
 */
export async function* gzip(bytes: Bytes, level?: number): Bytes {
  if (level !== undefined) return yield* through(bytes, createGzip({ chunkSize: pieceSize, level }))
  const stretches = new Stretches(bytes)
  try {
    do {
      const strategy = await stretches.begin()
      const member = createGzip({ chunkSize: pieceSize, level: usualLevel, memLevel: 9, strategy })
      yield* through(stretches.pieces(strategy), member)
    } while (stretches.more)
  } finally {
    await stretches.stop()
  }
}

/** Bytes in stretches that are best compressed in one way. */
class Stretches {
  readonly #source: AsyncGenerator<Uint8Array>
  /** The first piece of the next stretch. */
  #next: Uint8Array | undefined

  constructor(bytes: Bytes) {
    this.#source = pieces(bytes)
  }

  get more(): boolean {
    return this.#next !== undefined
  }

  /** How the next stretch is compressed; nothing at all is one too. */
  async begin(): Promise<number> {
    this.#next ??= await this.#read()
    return this.#next === undefined ? constants.Z_DEFAULT_STRATEGY : strategyFor(this.#next)
  }

  async *pieces(strategy: number): Bytes {
    for (; this.#next !== undefined; this.#next = await this.#read()) {
      if (strategyFor(this.#next) !== strategy) return
      yield this.#next
    }
  }

  async #read(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#source.next()
    return done === true ? undefined : value
  }

  async stop(): Promise<void> {
    await this.#source.return(undefined)
  }
}

/** Pieces of one length, whatever the lengths that come: the result must not depend on them. */
async function* pieces(bytes: Bytes): AsyncGenerator<Uint8Array> {
  let held = Buffer.allocUnsafeSlow(pieceSize)
  let size = 0
  for await (const chunk of bytes) {
    if (size === 0 && chunk.length === pieceSize) {
      yield chunk
      continue
    }
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceSize - size)
      held.set(part, size)
      size += part.length
      at += part.length
      if (size < pieceSize) continue
      yield held
      held = Buffer.allocUnsafeSlow(pieceSize)
      size = 0
    }
  }
  if (size > 0) yield held.subarray(0, size)
}

/** Where each four bytes were seen last, by a hash of them. */
const seen = new Int32Array(1 << 12)

/** Judged by the middle of the piece: how much of it can be told by pointing back. */
function strategyFor(piece: Uint8Array): number {
  const start = Math.max(0, (piece.length - sampleSize) >> 1)
  const end = Math.min(piece.length, start + sampleSize) - 4
  seen.fill(-1)
  let repeated = 0
  for (let at = start; at < end; ) {
    const word = wordAt(piece, at)
    const slot = Math.imul(word, 0x9e37_79b1) >>> 20
    const before = seen[slot] ?? -1
    seen[slot] = at
    const same = before >= 0 && wordAt(piece, before) === word
    if (same) repeated += 4
    at += same ? 4 : 1
  }
  return repeated < worthwhile * (end - start) ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
