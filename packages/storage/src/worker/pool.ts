import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Bytes, type Call, type FileRange, isFileRange } from '../call.ts'
import { StorageError } from '../errors.ts'
import type { AppliedLayer } from '../layers/layers.ts'
import type { ApplyTarget } from '../tar/apply.ts'
import { type Elsewhere, failure } from '../tar/unpack-elsewhere.ts'
import type { ApplyJob, ApplyProgress, ApplyReport, UnpackJob } from './messages.ts'
import { abandon, fillAwaited, finishAwaited, makeRing, type Ring } from './ring.ts'
import { workerFile } from './spawn.ts'

/** Threads that unpack, kept a moment for the next layer. One process needs no more than it has processors. */
const most = Math.max(2, Math.min(4, availableParallelism()))
const idleFor = 2_000

interface Idle {
  readonly worker: Worker
  readonly timer: NodeJS.Timeout
}

const idle: Idle[] = []
const waiting: (() => void)[] = []
let running = 0

async function borrow(): Promise<Worker> {
  while (running >= most) await new Promise<void>(resolve => waiting.push(resolve))
  running++
  joined()
  return takeThread()
}

/** Layers of one image come within this time, in milliseconds. A thread takes longer to start. */
const company = 20
/** Tells the layer that waits for company. */
let joined = (): void => {}
/** Smaller layers are done before a second thread has started, in bytes. */
const worthTwo = 16 << 20

/** A large layer that is alone gets a second thread, which counts for nothing: the next one need not wait for it. */
async function borrowSecond(source: Bytes | FileRange): Promise<Worker | undefined> {
  if (running > 1 || availableParallelism() < 2 || !isFileRange(source)) return undefined
  const length = source.length ?? statSync(source.path, { throwIfNoEntry: false })?.size ?? 0
  if (length < worthTwo) return undefined
  await new Promise<void>(resolve => {
    const timer = setTimeout(resolve, company)
    joined = () => {
      clearTimeout(timer)
      resolve()
    }
  })
  return running === 1 ? takeThread() : undefined
}

/** One that dies while it has nothing to do is given to nobody; whoever gave it work hears of that for himself. */
function startThread(): Worker {
  const worker = new Worker(workerFile(), { resourceLimits: { maxYoungGenerationSizeMb: 2 } })
  const gone = (): void => {
    const at = idle.findIndex(entry => entry.worker === worker)
    if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.timer)
  }
  return worker.on('error', gone).on('exit', gone)
}

export function takeThread(): Worker {
  const kept = idle.pop()
  if (kept === undefined) return startThread()
  clearTimeout(kept.timer)
  kept.worker.ref()
  return kept.worker
}

/** Sees that there are so many threads in all, for work that is about to come, while other things are waited for. */
export function expectWork(threads: number): void {
  const started = idle.length + running
  for (let count = started; count < Math.min(threads, most); count++) keepThread(startThread(), 'usable')
}

function giveBack(worker: Worker, state: 'usable' | 'broken'): void {
  running--
  waiting.shift()?.()
  keepThread(worker, state)
}

export function keepThread(worker: Worker, state: 'usable' | 'broken'): void {
  if (state === 'broken') {
    void worker.terminate()
    return
  }
  const entry: Idle = { worker, timer: setTimeout(() => retire(entry), idleFor) }
  entry.timer.unref()
  worker.unref()
  idle.push(entry)
}

function retire(entry: Idle): void {
  const at = idle.indexOf(entry)
  if (at < 0) return
  idle.splice(at, 1)
  void entry.worker.terminate()
}

/** Unpacks in a thread. Stopping it by `signal` waits until the thread has let go of every file. */
export async function applyInThread(
  source: Bytes | FileRange,
  target: ApplyTarget,
  call: Call<ApplyProgress> = {},
): Promise<AppliedLayer> {
  call.signal?.throwIfAborted()
  const worker = await borrow()
  const second = await borrowSecond(source).catch(() => undefined)
  const { port1, port2 } = new MessageChannel()
  const transfer = new Transfer(port1, second ? [worker, second] : [worker], call)
  try {
    const from = isFileRange(source) ? source : makeRing()
    const elsewhere = second && unpackIn(second, target)
    const job: ApplyJob = {
      kind: 'apply',
      target: elsewhere ? { ...target, elsewhere } : target,
      port: port2,
      stop: transfer.stop,
      from,
    }
    worker.postMessage(job, elsewhere ? [port2, elsewhere.port] : [port2])
    if (!isFileRange(source) && 'control' in from) transfer.send(source, from)
    return await transfer.result
  } finally {
    transfer.close()
    giveBack(worker, transfer.state)
    if (second) keepThread(second, transfer.state)
  }
}

/** Sets a thread to unpack what comes through the ring; what the other one needs to know of it. */
function unpackIn(worker: Worker, { directory, unpack }: ApplyTarget): Elsewhere {
  const { port1, port2 } = new MessageChannel()
  const ring = makeRing()
  const job: UnpackJob = { kind: 'unpack', directory, unpack, ring, port: port2 }
  worker.postMessage(job, [port2])
  return { ring, port: port1 }
}

/** One layer's conversation with its thread. */
class Transfer {
  readonly stop = new Int32Array(new SharedArrayBuffer(4))
  readonly result: Promise<AppliedLayer>
  state: 'usable' | 'broken' = 'usable'
  readonly #port: MessagePort
  readonly #workers: readonly Worker[]
  readonly #call: Call<ApplyProgress>
  readonly #settle = Promise.withResolvers<AppliedLayer>()
  /** Why it was stopped from this side. */
  #reason: { readonly error: unknown } | undefined
  #ring: Ring | undefined
  /** One at a time may fill the ring. */
  #filling: Promise<unknown> = Promise.resolve()

  constructor(port: MessagePort, workers: readonly Worker[], call: Call<ApplyProgress>) {
    this.#port = port
    this.#workers = workers
    this.#call = call
    this.result = this.#settle.promise
    port.on('message', (report: ApplyReport) => this.#hear(report))
    for (const worker of workers) worker.on('error', this.#died).on('exit', this.#died)
    call.signal?.addEventListener('abort', this.#abort)
    if (call.signal?.aborted) this.#abort()
  }

  /** Gives the bytes on as fast as the thread takes them; a piece may be used again once the next is asked for. */
  send(source: Bytes, ring: Ring): void {
    this.#ring = ring
    const work = async (): Promise<void> => {
      for await (const chunk of source) {
        if (this.#reason) return
        this.#filling = fillAwaited(ring, chunk)
        await this.#filling
      }
      this.#filling = finishAwaited(ring, 'complete')
      await this.#filling
    }
    work().catch(error => this.#break(error))
  }

  close(): void {
    this.#call.signal?.removeEventListener('abort', this.#abort)
    for (const worker of this.#workers) worker.off('error', this.#died).off('exit', this.#died)
    this.#reason ??= { error: undefined }
    if (this.#ring) abandon(this.#ring)
    this.#port.close()
  }

  readonly #abort = (): void => this.#break(this.#call.signal?.reason)

  #break(error: unknown): void {
    if (this.#reason) return
    this.#reason = { error }
    Atomics.store(this.stop, 0, 1)
    const ring = this.#ring
    if (ring) void this.#filling.then(() => finishAwaited(ring, 'broken'))
  }

  readonly #died = (error: unknown): void => {
    this.state = 'broken'
    const cause = error instanceof Error ? error : undefined
    this.#settle.reject(new StorageError('IO', `the unpacking thread died: ${cause?.message ?? error}`, { cause }))
  }

  #hear(report: ApplyReport): void {
    if (report.kind === 'progress') this.#call.onProgress?.(report)
    else if (this.#reason) this.#settle.reject(this.#reason.error)
    else if (report.kind === 'done') this.#settle.resolve(report.layer)
    else this.#settle.reject(failure(report))
  }
}
