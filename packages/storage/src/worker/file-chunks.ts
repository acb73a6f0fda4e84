import { closeSync, openSync, readSync } from 'node:fs'
import type { FileRange } from '../call.ts'

/** How long a thread sleeps before it looks whether it should end, in milliseconds. */
const patience = 100

/**
 * Reads a stretch of a file into a buffer, again and again: the checksum's own memory, so that nothing need be copied. Of
 * a file that still grows, as much as there is; `goOn` is called while it waits, and throws when the work should end.
 */
export async function* fileChunks(range: FileRange, buffer: Buffer, goOn: () => void): AsyncGenerator<Buffer> {
  const fd = openSync(range.path, 'r')
  const start = range.offset ?? 0
  const end = range.length === undefined ? Number.POSITIVE_INFINITY : range.length
  try {
    for (let done = 0; done < end; ) {
      const there = range.filled === undefined ? end : waitFor(range.filled, done, goOn)
      const length = readSync(fd, buffer, 0, Math.min(buffer.length, there - done), start + done)
      if (length === 0) break
      done += length
      yield buffer.subarray(0, length)
    }
  } finally {
    closeSync(fd)
  }
}

/** How many bytes are there, once there are more than `done`. The thread has nothing else to do and sleeps. */
function waitFor(filled: BigInt64Array, done: number, goOn: () => void): number {
  for (;;) {
    const there = Atomics.load(filled, 0)
    if (there < 0n) throw new Error('the sender gave up')
    if (Number(there) > done) return Number(there)
    goOn()
    Atomics.wait(filled, 0, there, patience)
  }
}
