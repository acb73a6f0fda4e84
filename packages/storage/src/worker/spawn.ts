import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { DeepMount } from '../drivers/overlay/deep-mount.ts'

/**
 * The file that worker threads run: beside this one when run from source or from `dist`; beside the bundle, with its
 * ending, when bundled; else wherever the package is installed.
 */
export function workerFile(): URL {
  const beside = new URL(`./storage.worker${extname(import.meta.url)}`, import.meta.url)
  return existsSync(beside) ? beside : new URL(import.meta.resolve('@libpod/storage/worker'))
}

const patience = 30_000

/** Mounts in a worker thread and waits for it: a thread can have a working directory of its own, a process's is shared. */
export function mountInThread(request: DeepMount): void {
  const { port1, port2 } = new MessageChannel()
  const done = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(workerFile(), {
    workerData: { kind: 'mount', request, port: port2, done },
    transferList: [port2],
  })
  worker.unref()
  Atomics.wait(done, 0, 0, patience)
  const answer = receiveMessageOnPort(port1)?.message as { readonly error?: Error } | undefined
  port1.close()
  if (answer === undefined) throw new Error(`mounting ${request.target} took longer than ${patience / 1000} s`)
  if (answer.error) throw answer.error
}
