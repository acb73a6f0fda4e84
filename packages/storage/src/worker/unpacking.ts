import { MessageChannel } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import { type ApplySource, feed } from '../tar/feed.ts'
import { failure } from '../tar/unpack-elsewhere.ts'
import type { UnpackOptions } from '../tar/unpack-options.ts'
import type { UnpackJob, UnpackReport } from './messages.ts'
import { keepThread, takeThread } from './pool.ts'
import { abandon, fillAwaited, finishAwaited, makeRing } from './ring.ts'

const gaveUp = new Error('the thread stopped unpacking')

/** Unpacks in a thread while this one makes or decompresses the tar. @throws StorageError as Unpacker, or what the source throws */
export async function unpackInThread(source: ApplySource, directory: string, unpack: UnpackOptions): Promise<void> {
  const worker = takeThread()
  const { port1, port2 } = new MessageChannel()
  const ring = makeRing()
  const report = Promise.withResolvers<UnpackReport>()
  let state: 'usable' | 'broken' = 'usable'
  const died = (cause: unknown): void => {
    state = 'broken'
    abandon(ring)
    report.reject(new StorageError('IO', `the unpacking thread died: ${String(cause)}`))
  }
  worker.on('error', died).on('exit', died)
  port1.once('message', report.resolve)
  report.promise.catch(() => {}) // awaited later
  try {
    worker.postMessage({ kind: 'unpack', directory, unpack, ring, port: port2 } satisfies UnpackJob, [port2])
    await feed(source, async chunk => {
      if ((await fillAwaited(ring, chunk)) === 'abandoned') throw gaveUp
    })
    await finishAwaited(ring, 'complete')
    const outcome = await report.promise
    if (outcome.kind === 'failed') throw failure(outcome)
  } catch (error) {
    await finishAwaited(ring, 'broken')
    const outcome = await report.promise // once the thread has let go of every file
    throw error === gaveUp && outcome.kind === 'failed' ? failure(outcome) : error
  } finally {
    worker.off('error', died).off('exit', died)
    port1.close()
    keepThread(worker, state)
  }
}
