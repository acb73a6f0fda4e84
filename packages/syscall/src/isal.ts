import { DynamicLibrary, getRawPointer, type WrappedFunction } from 'node:ffi'
import { endianness } from 'node:os'
import { gzipSync } from 'node:zlib'

/** Where fields of `struct inflate_state` lie, in bytes (isa-l/igzip_lib.h, ABI 2, all of its architectures). */
const nextOut = 0
const roomOut = 8
const nextIn = 16
const leftIn = 32
const blockState = 21_160
const checksumKind = 21_172
/** Half as much again as the structure takes. */
const stateSize = 128 * 1024
const untouched = 16 * 1024
const pattern = 0xa5

const ISAL_GZIP = 1
const ISAL_BLOCK_FINISH = 5

const failures: Readonly<Record<number, string>> = {
  [-1]: 'invalid block',
  [-2]: 'invalid symbol',
  [-3]: 'invalid distance too far back',
  [-4]: 'incorrect header check',
  [-5]: 'unknown compression method',
  [-6]: 'incorrect data check',
}

/** What one step did. `ended`: the gzip member has, and its checksum was right. */
export interface InflateStep {
  readonly read: number
  readonly written: number
  readonly member: 'goes-on' | 'ended'
}

/** Inflates one gzip member after the other, in the calling thread. */
export interface GzipInflater {
  /** From one memory into another, as far as either lasts. @throws Error for broken data, in zlib's words */
  step(input: Uint8Array, output: Uint8Array): InflateStep
  /** Begins the next member. */
  reset(): void
}

interface Isal {
  readonly init: WrappedFunction
  readonly reset: WrappedFunction
  readonly inflate: WrappedFunction
  readonly crc64: WrappedFunction
}

class IsalInflater implements GzipInflater {
  readonly #isal: Isal
  readonly #state = Buffer.alloc(stateSize, pattern)

  constructor(isal: Isal) {
    this.#isal = isal
    isal.init(this.#state)
    this.#state.writeUInt32LE(ISAL_GZIP, checksumKind)
  }

  step(input: Uint8Array, output: Uint8Array): InflateStep {
    const state = this.#state
    state.writeBigUInt64LE(addressOf(input), nextIn)
    state.writeUInt32LE(input.length, leftIn)
    state.writeBigUInt64LE(addressOf(output), nextOut)
    state.writeUInt32LE(output.length, roomOut)
    const result: number = this.#isal.inflate(state) as never
    if (result < 0) throw new Error(failures[result] ?? `isal_inflate: ${result}`)
    return {
      read: input.length - state.readUInt32LE(leftIn),
      written: output.length - state.readUInt32LE(roomOut),
      member: state.readUInt32LE(blockState) === ISAL_BLOCK_FINISH ? 'ended' : 'goes-on',
    }
  }

  /** Whether the end of the memory is as it was. */
  isWithin(): boolean {
    return this.#state.subarray(-untouched).equals(Buffer.alloc(untouched, pattern))
  }

  reset(): void {
    this.#isal.reset(this.#state)
    this.#state.writeUInt32LE(ISAL_GZIP, checksumKind)
  }
}

/** An empty piece lies nowhere. */
const addressOf = (bytes: Uint8Array): bigint => (bytes.length === 0 ? 0n : getRawPointer(bytes))

/** Not looked for yet, not there or not as expected, or there. */
let found: Isal | 'none' | undefined

/** Intel's ISA-L (`libisal.so.2`; it serves other processors too). Undefined where the host has none, or one that fails a trial. */
function isal(): Isal | undefined {
  found ??= load()
  return found === 'none' ? undefined : found
}

/** Inflates twice as fast as zlib; undefined where the host has no ISA-L. */
export function openGzipInflater(): GzipInflater | undefined {
  const library = isal()
  return library && new IsalInflater(library)
}

/** CRC-64/ISO, reflected, of bytes that follow those that `crc` is of (0 at first); undefined where the host has no ISA-L. */
export function crc64Iso(): ((crc: bigint, bytes: Uint8Array) => bigint) | undefined {
  const library = isal()
  return library && ((crc, bytes) => sum(library, crc, bytes))
}

const sum = ({ crc64 }: Isal, crc: bigint, bytes: Uint8Array): bigint =>
  bytes.length === 0 ? crc : (crc64(crc, bytes, BigInt(bytes.length)) as bigint)

function load(): Isal | 'none' {
  if (endianness() !== 'LE') return 'none'
  try {
    const library = new DynamicLibrary('libisal.so.2')
    const bind = (name: string, result: 'void' | 'int32') =>
      library.getFunction(name, { return: result, arguments: ['pointer'] })
    const functions = {
      init: bind('isal_inflate_init', 'void'),
      reset: bind('isal_inflate_reset', 'void'),
      inflate: bind('isal_inflate', 'int32'),
      crc64: library.getFunction('crc64_iso_refl', { return: 'uint64', arguments: ['uint64', 'pointer', 'uint64'] }),
    }
    return works(functions) ? functions : 'none'
  } catch {
    return 'none'
  }
}

/** The check value, as for the nine digits of any CRC. */
const crcOfDigits = 0xb909_56c7_75a4_1001n

/** Longer than what the structure keeps of the output. */
const trialSize = 70_000

/**
 * That the fields lie where they are looked for and the structure is no larger than the memory it is given: right data is
 * told from wrong, its end seen, and nothing written at that memory's end.
 */
function works(isal: Isal): boolean {
  if (sum(isal, 0n, Buffer.from('123456789')) !== crcOfDigits) return false
  const text = Buffer.alloc(trialSize, 'a layer of an image, ')
  const packed = gzipSync(text)
  const output = Buffer.alloc(trialSize + 1)
  const inflater = new IsalInflater(isal)
  const begun = inflater.step(packed.subarray(0, -1), output.subarray(0, trialSize / 2))
  const more = inflater.step(packed.subarray(begun.read, -1), output.subarray(begun.written))
  const over = inflater.step(packed.subarray(-1), output.subarray(trialSize))
  const right = more.member === 'goes-on' && over.member === 'ended' && over.read === 1
  const same = output.subarray(0, trialSize).equals(text) && begun.written + more.written === trialSize
  return right && same && inflater.isWithin() && refuses(new IsalInflater(isal), packed, output)
}

function refuses(inflater: IsalInflater, packed: Buffer, output: Buffer): boolean {
  const wrong = Buffer.from(packed)
  wrong[wrong.length - 5] = ~(wrong.at(-5) ?? 0)
  try {
    inflater.step(wrong, output)
    return false
  } catch {
    return true
  }
}
