import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { constants, gzipSync } from 'node:zlib'
import test from 'ava'
import type { Bytes } from '../../src/call.ts'
import { compress } from '../../src/copy/compression.ts'

const text = Buffer.from('what comes again and again is worth looking for. '.repeat(30_000))
const encoded = Buffer.from(randomBytes(1_500_000).toString('base64'))
/** Bytes that come seldom, and stretches unlike the ones before them, in every few KiB. */
const seldom = Buffer.from(encoded).fill(0, 700, 701).fill(255, 399_999, 400_000)
const uneven = Buffer.from(encoded)
for (let at = 0; at < uneven.length; at += 4096) uneven.set(randomBytes(300), at + 600)
const mixed = Buffer.concat([encoded, text, randomBytes(700_000), text.subarray(0, 300_000), encoded])

async function* inPieces(bytes: Buffer, length: number): Bytes {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const collected = async (bytes: Bytes): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(bytes, piece => Buffer.from(piece)))

const compressed = async (bytes: Buffer, length: number, level?: number): Promise<Buffer> =>
  collected(compress(inPieces(bytes, length), 'gzip', level).bytes)

const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

for (const [name, bytes] of Object.entries({
  mixed,
  text,
  encoded,
  seldom,
  uneven,
  noise: randomBytes(300_001),
  one: Buffer.alloc(1),
  nothing: Buffer.alloc(0),
})) {
  test(`${name}: gunzip gives back what was compressed, and the pieces it came in do not show`, async t => {
    const all = await compressed(bytes, 262_144)
    t.is(sum(execFileSync('gzip', ['-dc'], { input: all, maxBuffer: 1 << 28 })), sum(bytes))
    for (const length of [100_000, 262_143, 1 << 20]) t.is(sum(await compressed(bytes, length)), sum(all))
  })
}

test('what has repetitions gets as small as zlib makes it, what has none nearly so', async t => {
  t.true((await compressed(text, 262_144)).length <= gzipSync(text, { level: 5 }).length * 1.05)
  t.true((await compressed(encoded, 262_144)).length <= gzipSync(encoded, { level: 5 }).length * 1.05)
  t.true((await compressed(mixed, 262_144)).length <= gzipSync(mixed, { level: 5 }).length * 1.05)
})

test('what hardly repeats has its symbols coded as tightly as zlib does it', async t => {
  for (const bytes of [encoded, seldom, uneven]) {
    const { length } = gzipSync(bytes, { strategy: constants.Z_HUFFMAN_ONLY })
    t.true((await compressed(bytes, 262_144)).length <= length * 1.005)
  }
})

test('a level that was asked for is kept to', async t => {
  for (const level of [1, 3, 9]) {
    const { length } = gzipSync(mixed, { level })
    t.true(Math.abs((await compressed(mixed, 262_144, level)).length - length) < length * 0.02)
  }
  t.true((await compressed(mixed, 262_144, 0)).length > mixed.length)
})

test('a source that fails says so with its own error', async t => {
  const failing = async function* (): Bytes {
    yield encoded
    throw new Error('the disk is gone')
  }
  await t.throwsAsync(Array.fromAsync(compress(failing(), 'gzip').bytes), { message: 'the disk is gone' })
})
