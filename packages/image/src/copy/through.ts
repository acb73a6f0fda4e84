import { Readable } from 'node:stream'
import type { Bytes } from '../call.ts'

const highWaterMark = 256 * 1024

type Transform = NodeJS.ReadWriteStream & AsyncIterable<Uint8Array> & { destroy(error?: Error): void }

/** What a stream makes of the bytes; an error on either side ends both. */
export async function* through(bytes: Bytes, transform: Transform): Bytes {
  const input = Readable.from(bytes, { objectMode: false, highWaterMark })
  input.on('error', error => transform.destroy(error))
  input.pipe(transform)
  try {
    yield* transform
  } finally {
    input.destroy()
    transform.destroy()
  }
}
