import { constants, writeSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes, Call } from '../call.ts'
import { makeDirectory } from '../files/make-directory.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { tryLock } from './download-lock.ts'

const pollInterval = 50
const chunkSize = 256 * 1024

/** The file that keeps the beginning of a blob until all of it has come. */
export const partialPath = (directory: string, { digest }: Descriptor): string =>
  join(directory, `${digest.replace(':', '-')}.partial`)

/** A blob that is to come through a file in `directory`. */
export interface Download {
  readonly directory: string
  readonly blob: Descriptor
  /** Its bytes from one on. */
  fetch(from: number, call: Call): Promise<Bytes>
}

/**
 * A blob's bytes through a file that survives an interruption. Whoever holds the lock beside the file fetches and
 * appends; everybody else, in this process or another, reads what arrives. When the fetcher dies, one of the readers
 * goes on where it stopped. The lock only saves work: the bytes at each place are the same whoever writes them, and
 * the reader of the stream checks their digest.
 */
export async function* sharedDownload(download: Download, call: Call = {}): Bytes {
  const file = await openPartial(download)
  try {
    yield* downloadInto(file, download, call)
  } finally {
    await file.close()
  }
}

/** The file that the blob comes into, to be read or to be waited for. */
export async function openPartial({ directory, blob }: Download): Promise<FileHandle> {
  await makeDirectory(directory, { mode: 0o700 })
  return open(partialPath(directory, blob), constants.O_RDWR | constants.O_CREAT, 0o600)
}

/** The bytes, each yielded when it is in the file. The name is gone once all are. */
export async function* downloadInto(file: FileHandle, { directory, blob, fetch }: Download, call: Call): Bytes {
  const path = partialPath(directory, blob)
  for (let at = 0; at < blob.size; ) {
    call.signal?.throwIfAborted()
    for await (const chunk of stored(file, at, blob.size)) {
      at += chunk.length
      yield chunk
    }
    if (at >= blob.size) break
    const unlock = await tryLock(`${path}.lock`)
    if (unlock === undefined) {
      await sleep(pollInterval, undefined, call.signal && { signal: call.signal })
      continue
    }
    try {
      for await (const chunk of await fetch(at, call)) {
        writeAt(file, chunk, at)
        at += chunk.length
        yield chunk
      }
      break
    } finally {
      await unlock()
    }
  }
  await rm(path, { force: true })
}

/** What the file holds from an offset on. */
async function* stored(file: FileHandle, from: number, end: number): Bytes {
  for (let at = from; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, end - at))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** In this thread: a copy into the page cache is quicker than a trip through the thread pool. */
function writeAt(file: FileHandle, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file.fd, bytes, done, bytes.length - done, position + done)
}
