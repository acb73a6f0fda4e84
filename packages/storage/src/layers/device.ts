import { closeSync, openSync } from 'node:fs'
import { type BegunSync, beginSyncfs } from '@libpod/syscall'
import { isStorageError, StorageError } from '../errors.ts'
import { syncInThread } from '../worker/syncing.ts'

/** Counts what happens in this process, to tell what came after what. */
let now = 0
const tick = (): number => ++now

/** So many unpacked bytes are sent on their way together: at the end the device has little left to do. */
export const stretch = 96 << 20

/** Between looks whether a begun sync has ended, in milliseconds. */
const patience = 100

/** A file system that is being written to. */
export interface Flushing extends Disposable {
  /** Has what is there written to the device, and waits for nothing. */
  begin(): void
  /** Resolves when all that was there at the call is on the device. @throws for what was lost since this was opened */
  end(): Promise<void>
}

/** What has come to the device of one file system. One sync serves all who wait. */
export class Device {
  /** All that was there by then is on the device. */
  #written = 0
  /** What was being written until then may be lost: the kernel tells of it only once. */
  #failure: { readonly at: number; readonly error: unknown } | undefined
  #syncing: Promise<void> | undefined
  #flushing: Flushing | undefined
  #writers = 0
  /** Bytes since some were last sent on their way. */
  #fresh = 0
  readonly #open: () => Flushing

  constructor(open: () => Flushing) {
    this.#open = open
  }

  /** Something begins to be written; its file system stays open until it is disposed. */
  join(): Writing {
    this.#flushing ??= this.#open()
    this.#writers++
    return new Writing(this)
  }

  leave(): void {
    if (--this.#writers > 0) return
    this.#flushing?.[Symbol.dispose]()
    this.#flushing = undefined
  }

  add(bytes: number): void {
    this.#fresh += bytes
    if (this.#fresh < stretch) return
    this.#fresh = 0
    this.#flushing?.begin()
  }

  /** Resolves when what was there at `until` is on the device, having come since `from`. */
  async holds({ from, until }: { readonly from: number; readonly until: number }): Promise<void> {
    for (;;) {
      if (this.#failure && from < this.#failure.at) throw this.#failure.error
      if (this.#written >= until) return
      await (this.#syncing ?? this.#sync()).catch(() => {})
    }
  }

  #sync(): Promise<void> {
    const begun = tick()
    const ending = this.#flushing?.end() ?? Promise.reject(new Error('nothing is being written'))
    this.#syncing = ending
      .then(
        () => {
          this.#written = begun
        },
        (error: unknown) => {
          this.#failure = { at: tick(), error }
          throw error
        },
      )
      .finally(() => {
        this.#syncing = undefined
      })
    return this.#syncing
  }
}

/** What one writes to a device, from when it joins. */
export class Writing implements Disposable {
  readonly #device: Device
  readonly #from = tick()
  #until = 0
  #bytes = 0
  #over = false

  constructor(device: Device) {
    this.#device = device
  }

  /** So many bytes have been written. */
  reached(bytes: number): void {
    this.#device.add(bytes - this.#bytes)
    this.#bytes = bytes
  }

  /** All of it has been written. */
  ended(): void {
    this.#until = tick()
  }

  /** Resolves when it is on the device. @throws StorageError IO, NO_SPACE */
  held(): Promise<void> {
    return this.#device.holds({ from: this.#from, until: this.#until })
  }

  [Symbol.dispose](): void {
    if (this.#over) return
    this.#over = true
    this.#device.leave()
  }
}

const devices = new Map<string, Device>()

/** The one that holds a directory. */
export function deviceOf(directory: string): Device {
  const device = devices.get(directory) ?? new Device(() => new OpenFileSystem(directory))
  devices.set(directory, device)
  return device
}

/** Errors are told to each description of an open file once: what is only begun must not take them from the other. */
class OpenFileSystem implements Flushing {
  readonly #directory: string
  readonly #fd: number
  readonly #hinting: number
  #begun: BegunSync | undefined

  constructor(directory: string) {
    this.#directory = directory
    using opened = new DisposableStack()
    const open = () => opened.adopt(openSync(directory, 'r'), closeSync)
    this.#fd = open()
    this.#hinting = open()
    opened.move()
  }

  /** One at a time: a slow device is told no more often than it can follow. */
  begin(): void {
    if (this.#begun?.ended() ?? true) this.#begun = beginSyncfs(this.#hinting)
  }

  end(): Promise<void> {
    return syncInThread(this.#fd).catch(cause => lost(this.#directory, cause))
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
    this.#closeHinting()
  }

  #closeHinting(): void {
    if (this.#begun?.ended() ?? true) closeSync(this.#hinting)
    else setTimeout(() => this.#closeHinting(), patience).unref()
  }
}

function lost(directory: string, cause: unknown): never {
  const code = isStorageError(cause) ? cause.code : 'IO'
  const why = cause instanceof Error ? cause.message : String(cause)
  const text = `what was written to ${directory} did not come to its device: ${why}`
  throw new StorageError(code, text, { subject: directory, cause })
}
