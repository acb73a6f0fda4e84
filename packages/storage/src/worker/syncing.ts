import { MessageChannel } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import { failure } from '../tar/unpack-elsewhere.ts'
import type { SyncJob, SyncReport } from './messages.ts'
import { keepThread, takeThread } from './pool.ts'

/** Writes everything of the file system that an open file lies in to its device, in a thread: it may take long. @throws StorageError IO, NO_SPACE */
export async function syncInThread(fd: number): Promise<void> {
  const worker = takeThread()
  const { port1, port2 } = new MessageChannel()
  const report = Promise.withResolvers<SyncReport>()
  let state: 'usable' | 'broken' = 'usable'
  const died = (cause: unknown): void => {
    state = 'broken'
    report.reject(new StorageError('IO', `the syncing thread died: ${String(cause)}`))
  }
  worker.on('error', died).on('exit', died)
  port1.once('message', report.resolve)
  try {
    worker.postMessage({ kind: 'sync', fd, port: port2 } satisfies SyncJob, [port2])
    const outcome = await report.promise
    if (outcome.kind === 'failed') throw failure(outcome)
  } finally {
    worker.off('error', died).off('exit', died)
    port1.close()
    keepThread(worker, state)
  }
}
