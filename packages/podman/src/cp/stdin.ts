import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { UsageError } from '../cli/usage-error.ts'

const needed = 262

/** A tar from standard input, decompressed when it is gzip or zstd. Throws UsageError when it is no tar. */
export async function tarFromInput(input: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const { head, whole } = await peek(input)
  if (head[0] === 0x1f && head[1] === 0x8b) return Readable.from(whole, { objectMode: false }).pipe(createGunzip())
  if (head.readUInt32LE(0) === 0xfd2fb528)
    return Readable.from(whole, { objectMode: false }).pipe(createZstdDecompress())
  if (head.toString('latin1', 257, needed) === 'ustar') return whole
  throw new UsageError('source must be a (compressed) tar archive when copying from stdin')
}

async function peek(input: AsyncIterable<Uint8Array>): Promise<{ head: Buffer; whole: AsyncIterable<Uint8Array> }> {
  const iterator = input[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let size = 0
  while (size < needed) {
    const { done, value } = await iterator.next()
    if (done) break
    chunks.push(value)
    size += value.length
  }
  const head = Buffer.concat([...chunks, Buffer.alloc(Math.max(0, needed - size))])
  async function* all() {
    yield* chunks
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  }
  return { head, whole: all() }
}
