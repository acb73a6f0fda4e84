import { gunzipSync, gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { Inflater } from '../../src/tar/inflate.ts'

/** What it makes of the bytes when they come in pieces of a size. */
function inflate(bytes: Buffer, pieceSize: number): Buffer {
  using inflater = Inflater.open()
  if (!inflater) throw new Error('this Node has other streams within')
  const made: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceSize)
    for (const piece of inflater.push(bytes.subarray(at, at + pieceSize))) made.push(Buffer.from(piece))
  for (const piece of inflater.end()) made.push(Buffer.from(piece))
  return Buffer.concat(made)
}

test('gives what gunzip gives, in whatever pieces the data comes', t => {
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc.nat({ max: 2_000_000 }).map(length => new Uint8Array(length)),
  )
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 70_000 }), (bytes, pieceSize) => {
      const packed = gzipSync(bytes)
      return inflate(packed, pieceSize).equals(gunzipSync(packed))
    }),
    { numRuns: 60 },
  )
  t.pass()
})

test('members follow each other; what comes after the last is ignored', t => {
  const members = Buffer.concat([gzipSync('one '), gzipSync('two')])
  for (const size of [1, 7, 1000]) t.is(inflate(members, size).toString(), 'one two')
  t.is(inflate(Buffer.concat([members, Buffer.alloc(700)]), 1 << 20).toString(), 'one two')
})

test('data that is cut off or broken is an error', t => {
  const packed = gzipSync(Buffer.alloc(100_000, 'data '))
  t.throws(() => inflate(packed.subarray(0, -9), 50), { message: /unexpected end of file/ })
  const broken = Buffer.from(packed)
  broken[60] = ~(broken[60] ?? 0)
  t.throws(() => inflate(broken, 1 << 20))
})
