import { MessageChannel, type Worker } from 'node:worker_threads'
import { StorageError } from '../errors.ts'
import type { Original } from '../tar/reassemble.ts'
import { failure } from '../tar/unpack-elsewhere.ts'
import type { ReassembleJob, ReassembleReport } from './messages.ts'
import { keepThread, takeThread } from './pool.ts'
import { drainAwaited, makeRing } from './ring.ts'

/** One thread puts all tars together, several at once: it is faster than what becomes of them, and none waits for another. */
let thread: Thread | undefined

class Thread {
  readonly worker: Worker = takeThread()
  readonly dead = Promise.withResolvers<never>()
  state: 'usable' | 'broken' = 'usable'
  #users = 0

  constructor() {
    this.dead.promise.catch(() => {}) // said by whoever waits
    this.worker.on('error', this.#died).on('exit', this.#died)
  }

  readonly #died = (cause: unknown): void => {
    this.state = 'broken'
    if (thread === this) thread = undefined
    this.dead.reject(new StorageError('IO', `the reading thread died: ${String(cause)}`))
  }

  enter(): void {
    this.#users++
  }

  leave(): void {
    if (--this.#users > 0) return
    if (thread === this) thread = undefined
    this.worker.off('error', this.#died).off('exit', this.#died)
    keepThread(this.worker, this.state)
  }
}

/** As `reassemble`, in a thread; each piece is good until the next is asked for. A reader that stops early waits until the thread has let go of every file. */
export async function* reassembleInThread(original: Original): AsyncGenerator<Uint8Array> {
  thread ??= new Thread()
  const reader = thread
  reader.enter()
  const { port1, port2 } = new MessageChannel()
  const ring = makeRing()
  const answer = Promise.withResolvers<ReassembleReport>()
  port1.once('message', answer.resolve)
  const report = Promise.race([answer.promise, reader.dead.promise])
  report.catch(() => {}) // awaited in the end
  try {
    reader.worker.postMessage({ kind: 'reassemble', original, ring, port: port2 } satisfies ReassembleJob, [port2])
    yield* drainAwaited(ring, () => reader.state === 'usable')
    const outcome = await report
    if (outcome.kind === 'failed') throw failure(outcome)
  } finally {
    await report.catch(() => {})
    port1.close()
    reader.leave()
  }
}
