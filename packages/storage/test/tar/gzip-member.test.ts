import { gunzipSync } from 'node:zlib'
import { gzipMaker } from '@libpod/syscall'
import test from 'ava'
import fc from 'fast-check'
import { zlibMaker } from '../../src/tar/gzip-member.ts'

for (const [name, open] of Object.entries({ isal: gzipMaker, zlib: zlibMaker })) {
  test(`${name}: each call makes a whole member, and members follow each other`, t => {
    const make = open()
    if (make === undefined) return t.fail('not there')
    const pieces = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 5000 }),
        fc.nat({ max: 600_000 }).map(length => Buffer.alloc(length, 'a line of a record\n')),
        fc.constant(Buffer.alloc(0)),
      ),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(pieces, bytes => {
        const members = bytes.map(each => Buffer.from(make(each)))
        return gunzipSync(Buffer.concat(members)).equals(Buffer.concat(bytes))
      }),
      { numRuns: 100 },
    )
    t.pass()
  })

  test(`${name}: what does not compress has room too, and what does comes out small`, t => {
    const make = open()
    if (make === undefined) return t.fail('not there')
    const random = crypto.getRandomValues(Buffer.alloc(65_536))
    const noise = Buffer.concat(Array.from({ length: 20 }, (_, index) => random.map(byte => byte ^ index)))
    t.true(gunzipSync(make(noise)).equals(noise))
    t.true(make(Buffer.alloc(1 << 20, 'the same again, ')).length < 20_000)
  })
}
