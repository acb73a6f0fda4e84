import type { WrappedFunction } from 'node:ffi'
import { addressOf, ISAL_GZIP, isWithin, structure } from './structure.ts'

/** Where fields of `struct inflate_state` lie, in bytes (isa-l/igzip_lib.h, ABI 2, all of its architectures). */
const nextOut = 0
const roomOut = 8
const nextIn = 16
const leftIn = 32
const blockState = 21_160
const checksumKind = 21_172

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

export interface InflateFunctions {
  readonly initInflate: WrappedFunction
  readonly resetInflate: WrappedFunction
  readonly inflate: WrappedFunction
}

export class IsalInflater implements GzipInflater {
  readonly #isal: InflateFunctions
  readonly #state = structure()

  constructor(isal: InflateFunctions) {
    this.#isal = isal
    isal.initInflate(this.#state)
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

  reset(): void {
    this.#isal.resetInflate(this.#state)
    this.#state.writeUInt32LE(ISAL_GZIP, checksumKind)
  }

  isWithin(): boolean {
    return isWithin(this.#state)
  }
}
