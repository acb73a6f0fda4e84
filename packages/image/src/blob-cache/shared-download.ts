import { constants, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bytes, Call } from '../call.ts'
import { coalesce } from '../copy/coalesce.ts'
import type { Descriptor } from '../manifest/descriptor.ts'

const pollInterval = 50
const chunkSize = 256 * 1024

/** The file that keeps the beginning of a blob until all of it has come. */
export const partialPath = (directory: string, { digest }: Descriptor): string =>
  join(directory, `${digest.replace(':', '-')}.partial`)

/**
 * A blob's bytes through a file that survives an interruption. Whoever holds the lock beside the file fetches and
 * appends; everybody else, in this process or another, reads what arrives. When the fetcher dies, one of the readers
 * goes on where it stopped. The lock only saves work: the bytes at each place are the same whoever writes them, and
 * the reader of the stream checks their digest.
 */
export async function* sharedDownload(
  directory: string,
  blob: Descriptor,
  fetch: (from: number) => Promise<Bytes>,
  call: Call = {},
): Bytes {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = partialPath(directory, blob)
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  let at = 0
  try {
    while (at < blob.size) {
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
        for await (const chunk of coalesce(await fetch(at))) {
          writeAt(file, chunk, at)
          at += chunk.length
          yield chunk
        }
        break
      } finally {
        await unlock()
      }
    }
    if (at >= blob.size) await rm(path, { force: true })
  } finally {
    await file.close()
  }
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

/** Takes the lock unless a living process has it. */
async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const mine = await open(path, 'wx', 0o600).catch(() => undefined)
  if (mine === undefined) {
    if (await isHeld(path)) return undefined
    await rm(path, { force: true })
    return tryLock(path)
  }
  await mine.writeFile(`${process.pid} ${(await startTime(process.pid)) ?? ''}`)
  await mine.close()
  return () => rm(path, { force: true })
}

/** A lock just made says nothing yet and counts as held. */
async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return false
  const [pid = '', start = ''] = text.split(' ')
  if (pid === '') return true
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = await startTime(Number(pid))
  return now === undefined || start === '' || now === start
}

/** When a process started, where the system tells: a number used again is then told apart. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}
