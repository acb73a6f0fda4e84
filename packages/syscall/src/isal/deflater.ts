import type { WrappedFunction } from 'node:ffi'
import { addressOf, ISAL_GZIP, isWithin, structure } from './structure.ts'

/** Where fields of `struct isal_zstream` lie, in bytes (isa-l/igzip_lib.h, ABI 2, all of its architectures). */
const nextIn = 0
const leftIn = 8
const nextOut = 16
const roomOut = 24
const level = 40
const levelSize = 44
const levelMemory = 48
const isLast = 56
const framing = 60

/** ISAL_DEF_LVL1_DEFAULT. */
const levelMemorySize = 282_624

/** What does not compress grows by less than a hundredth; a member has 18 bytes beside its data. */
const roomFor = (size: number): number => size + (size >> 6) + 1024

export interface DeflateFunctions {
  readonly initDeflate: WrappedFunction
  readonly deflate: WrappedFunction
}

export class IsalDeflater {
  readonly #isal: DeflateFunctions
  readonly #state = structure()
  readonly #levelMemory = Buffer.allocUnsafeSlow(levelMemorySize)
  #output: Buffer = Buffer.alloc(0)

  constructor(isal: DeflateFunctions) {
    this.#isal = isal
  }

  /** One whole gzip member, by level 1; good until the next. */
  gzip(input: Uint8Array): Buffer {
    if (this.#output.length < roomFor(input.length)) this.#output = Buffer.allocUnsafeSlow(roomFor(input.length))
    const [state, output] = [this.#state, this.#output]
    this.#isal.initDeflate(state)
    state.writeBigUInt64LE(addressOf(input), nextIn)
    state.writeUInt32LE(input.length, leftIn)
    state.writeBigUInt64LE(addressOf(output), nextOut)
    state.writeUInt32LE(output.length, roomOut)
    state.writeUInt32LE(1, level)
    state.writeUInt32LE(levelMemorySize, levelSize)
    state.writeBigUInt64LE(addressOf(this.#levelMemory), levelMemory)
    state.writeUInt16LE(1, isLast)
    state.writeUInt16LE(ISAL_GZIP, framing)
    const result: number = this.#isal.deflate(state) as never
    if (result !== 0) throw new Error(`isal_deflate_stateless: ${result}`)
    return output.subarray(0, output.length - state.readUInt32LE(roomOut))
  }

  isWithin(): boolean {
    return isWithin(this.#state)
  }
}
