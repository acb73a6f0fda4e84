import { gunzipSync, gzipSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { type InflateEngine, Inflater } from '../../src/tar/inflate.ts'
import { isalEngine } from '../../src/tar/inflate-isal.ts'
import { zlibEngine } from '../../src/tar/inflate-zlib.ts'

const engines = { isal: isalEngine, zlib: zlibEngine }

for (const [name, open] of Object.entries(engines)) {
  /** What it makes of the bytes when they come in pieces of a size. */
  const inflate = (bytes: Buffer, pieceSize: number): Buffer => {
    using inflater = new Inflater(open() as InflateEngine, Buffer.allocUnsafeSlow(64 * 1024))
    const made: Buffer[] = []
    for (let at = 0; at < bytes.length; at += pieceSize)
      for (const piece of inflater.push(bytes.subarray(at, at + pieceSize))) made.push(Buffer.from(piece))
    for (const piece of inflater.end()) made.push(Buffer.from(piece))
    return Buffer.concat(made)
  }

  test(`${name} is there`, t => {
    using engine = open()
    t.truthy(engine)
  })

  test(`${name} gives what gunzip gives, in whatever pieces the data comes`, t => {
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 5000 }),
      fc.nat({ max: 2_000_000 }).map(length => new Uint8Array(length)),
      fc.tuple(fc.nat({ max: 300_000 }), fc.nat()).map(([length, seed]) => text(length, seed)),
    )
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 0, max: 9 }), (bytes, size, level) => {
        const packed = gzipSync(bytes, { level })
        return inflate(packed, size).equals(gunzipSync(packed))
      }),
      { numRuns: 100 },
    )
    t.pass()
  })

  test(`${name}: members follow each other; zeros after the last are ignored, other bytes are not`, t => {
    const members = Buffer.concat([gzipSync('one '), gzipSync('two')])
    for (const size of [1, 7, 1000]) t.is(inflate(members, size).toString(), 'one two')
    for (const size of [1, 1 << 20])
      t.is(inflate(Buffer.concat([members, Buffer.alloc(700)]), size).toString(), 'one two')
    for (const size of [7, 1000])
      t.throws(() => inflate(Buffer.concat([members, Buffer.from('and text of another kind')]), size), {
        message: /incorrect header/,
      })
  })

  test(`${name}: data that is cut off anywhere is an error`, t => {
    const packed = gzipSync(Buffer.alloc(100_000, 'data '))
    for (let length = 20; length < packed.length; length += 3)
      t.throws(() => inflate(packed.subarray(0, length), 50), { message: /unexpected end of file/ }, String(length))
  })

  test(`${name}: whatever is broken, what comes out is an error or the same`, t => {
    const bytes = text(40_000, 3)
    const packed = gzipSync(bytes)
    const property = fc.property(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, bits) => {
      const broken = Buffer.from(packed)
      broken[at] = (broken[at] ?? 0) ^ bits
      const outcome = attempt(() => inflate(broken, 4096))
      return outcome instanceof Error || outcome.equals(bytes)
    })
    fc.assert(property, { numRuns: 300 })
    t.true(attempt(() => inflate(Buffer.from(packed).fill(0, 100, 200), 4096)) instanceof Error)
  })
}

test('an engine that goes nowhere is an error', t => {
  const engine: InflateEngine = { step: () => ({ read: 0, written: 0 }), [Symbol.dispose]: () => {} }
  const inflater = new Inflater(engine)
  t.throws(() => [...inflater.push(Buffer.from('x'))], { message: 'the data leads nowhere' })
})

/** Words that repeat, in an order that does not. */
function text(length: number, seed: number): Buffer {
  const words = ['layer ', 'blob ', 'manifest ', 'digest ', '\0\0\0\0\0', 'ustar', '0000644']
  let made = ''
  for (let state = seed; made.length < length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    made += words[state % words.length] ?? ''
  }
  return Buffer.from(made.slice(0, length))
}

function attempt<T>(act: () => T): T | Error {
  try {
    return act()
  } catch (error) {
    return error as Error
  }
}
