import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw, type InputType, type ZlibOptions } from 'node:zlib'
import type { Bytes } from '../call.ts'
import { LiteralMachine, pieceSize } from './literal-machine.ts'
import { deflateLiterals } from './literals.ts'

const sampleSize = 8 * 1024
/** How far back deflate can point, in bytes. */
const windowSize = 32 * 1024
/** zlib's level for layers: of programs and libraries it makes what Podman's default (klauspost's) does, in as little time. */
const usualLevel = 4
/** How much of a sample must be repetition for looking for it to be worthwhile. */
const worthwhile = 0.125
/** Pieces of one blob that are under way at once: more than there are processors, or these would wait while the first one is sent. */
const atOnce = Math.min(8, availableParallelism() + 4)

/** Machines that are kept for the next blob; each has some megabytes of memory. */
const mostIdle = 3
const idle: LiteralMachine[] = []

const head = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
/** An empty block that is the last one. */
const lastBlock = Buffer.of(3, 0)

/**
 * Compresses as gzip; the same bytes and level always give the same result. Pieces are compressed by themselves, several at
 * once, each with a look back at the one before (as pigz does). Unless a level is asked for, those in which hardly anything
 * comes twice (media, archives, encoded data) only have their symbols coded: looking for repetitions takes nine tenths of
 * the time, there for nothing. Each piece that comes out may be overwritten once the next is asked for, and none that came in
 * is needed any more by the time that the next is.
 */
export async function* gzip(bytes: Bytes, level?: number): Bytes {
  let sum = 0
  let size = 0
  let before: Uint8Array = Buffer.alloc(0)
  const working: Promise<Uint8Array>[] = []
  let output = 0
  const machine = idle.pop() ?? new LiteralMachine({ inputs: atOnce + 1, outputs: atOnce })
  try {
    yield head
    for await (const piece of pieces(bytes, machine)) {
      sum = crc32(piece, sum)
      size += piece.length
      output = working.length === 0 ? 0 : (output + 1) % atOnce // the same again while it is in the processor's cache
      const work = compressPiece({ piece, before: before.subarray(-windowSize), machine, output }, level)
      before = piece
      if (working.length === 0 && work instanceof Uint8Array) yield work
      else if (begin(working, work) >= atOnce) yield* next(working)
    }
    while (working.length > 0) yield* next(working)
  } finally {
    await Promise.allSettled(working) // until then they read its memory
    if (idle.length < mostIdle) idle.push(machine)
  }
  yield lastBlock
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(sum)
  tail.writeUInt32LE(size % 2 ** 32, 4)
  yield tail
}

/** How many there are now; each is awaited later, or no longer wanted. */
function begin(working: Promise<Uint8Array>[], work: Uint8Array | Promise<Uint8Array>): number {
  const begun = Promise.resolve(work)
  begun.catch(() => undefined)
  return working.push(begun)
}

async function* next(working: Promise<Uint8Array>[]): Bytes {
  const piece = await working.shift()
  if (piece !== undefined) yield piece
}

const deflateInThread: (piece: InputType, options: ZlibOptions) => Promise<Uint8Array> = promisify(deflateRaw)

interface Piece {
  readonly piece: Uint8Array
  /** What it may point back to. */
  readonly before: Uint8Array
  readonly machine: LiteralMachine
  /** Which of the machine's it may use. */
  readonly output: number
}

/** Whole deflate blocks that end with a byte. */
function compressPiece({ piece, before, machine, output }: Piece, level?: number): Uint8Array | Promise<Uint8Array> {
  if (level === undefined && !isRepetitive(piece)) return deflateLiterals(piece, machine, output)
  return deflateInThread(piece, {
    ...{ level: level ?? usualLevel, memLevel: 9, chunkSize: pieceSize, finishFlush: constants.Z_SYNC_FLUSH },
    ...(before.length > 0 && { dictionary: before }),
  })
}

/**
 * Pieces of one length, whatever the lengths that come: the result must not depend on them. They are copies, whose
 * memory is used again when a piece is neither worked on nor looked back at.
 */
async function* pieces(bytes: Bytes, machine: LiteralMachine): AsyncGenerator<Uint8Array> {
  let held = machine.nextInput()
  let size = 0
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceSize - size)
      held.set(part, size)
      size += part.length
      at += part.length
      if (size < pieceSize) continue
      yield held
      held = machine.nextInput()
      size = 0
    }
  }
  if (size > 0) yield held.subarray(0, size)
}

/** Where each four bytes were seen last, by a hash of them. */
const seen = new Int32Array(1 << 12)

/** Judged by the middle of the piece: how much of it can be told by pointing back. */
function isRepetitive(piece: Uint8Array): boolean {
  const start = Math.max(0, (piece.length - sampleSize) >> 1)
  const end = Math.min(piece.length, start + sampleSize) - 4
  const words = new DataView(piece.buffer, piece.byteOffset, piece.length)
  seen.fill(-1)
  let repeated = 0
  for (let at = start; at < end; ) {
    const word = words.getInt32(at, true)
    const slot = Math.imul(word, 0x9e37_79b1) >>> 20
    const before = seen[slot] ?? -1
    seen[slot] = at
    const same = before >= 0 && words.getInt32(before, true) === word
    if (same) repeated += 4
    at += same ? 4 : 1
  }
  return repeated >= worthwhile * (end - start)
}
