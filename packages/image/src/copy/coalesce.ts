import type { Bytes } from '../call.ts'

const pieceSize = 256 * 1024

/**
 * Joins small chunks into pieces of 256 KiB, and reads the next piece while the last one is worked on: between
 * threads each piece costs a message, and a network must not wait for a disk.
 */
export async function* coalesce(bytes: Bytes): Bytes {
  const iterator = pieces(bytes)
  let next = iterator.next()
  next.catch(() => undefined)
  try {
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = iterator.next()
      next.catch(() => undefined)
      yield value
    }
  } finally {
    await iterator.return?.(undefined)
  }
}

async function* pieces(bytes: Bytes): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    held.push(chunk)
    size += chunk.length
    if (size < pieceSize) continue
    yield join(held, size)
    held = []
    size = 0
  }
  if (size > 0) yield join(held, size)
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size)
}
