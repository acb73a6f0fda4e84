import { crc64Iso } from '@libpod/syscall'
import test from 'ava'
import { HostCrc64 } from '../../src/tar/crc64.ts'
import { WasmCrc64 } from '../../src/tar/crc64-wasm.ts'

const kinds = {
  'the host’s': () => new HostCrc64(crc64Iso() ?? (() => 0n)),
  WebAssembly: () => new WasmCrc64(),
}

for (const [name, open] of Object.entries(kinds)) {
  test(`${name}: the check value of CRC-64/GO-ISO, and that of nothing`, t => {
    const crc = open()
    crc.update(Buffer.from('123456789'))
    t.is(crc.digest().toString('hex'), 'b90956c775a41001')
    crc.reset()
    t.is(crc.digest().toString('hex'), '0000000000000000')
  })

  test(`${name}: bytes are summed alike wherever they lie, and those that wait in the buffer are left alone`, t => {
    const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, at) => (at * 7919) & 255))
    const crc = open()
    const sum = (...pieces: Buffer[]): string => {
      crc.reset()
      for (const piece of pieces) crc.update(piece)
      return crc.digest().toString('hex')
    }
    const waiting = crc.buffer.subarray(0, 300_000)
    bytes.copy(waiting)
    const whole = sum(bytes)
    t.true(waiting.equals(bytes.subarray(0, 300_000)))
    t.is(sum(waiting, bytes.subarray(300_000)), whole)
  })
}
