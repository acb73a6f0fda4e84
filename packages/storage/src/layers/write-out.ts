import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { syncfs } from '@libpod/syscall'

/** So much of archives is worth being written out while the rest is unpacked, in bytes. */
const worthwhile = 64 << 20

/** Counts what happens in this process, to tell what came after what. */
let now = 0
export const tick = (): number => ++now

/** A file system that layers are being unpacked on. */
interface Target {
  /** Open since before the first of them, so that no failure to write goes unheard, whoever else syncs meanwhile. */
  readonly fd: number
  users: number
  /** Bytes since the device was last asked for them. */
  waiting: number
  syncing: 'yes' | 'no'
  /** When everything was last told to be written, on {@link tick}'s clock. */
  synced: number
}

const targets = new Map<string, Target>()

function target(directory: string): Target {
  const known = targets.get(directory)
  if (known) return known
  const opened: Target = { fd: openSync(directory, 'r'), users: 0, waiting: 0, syncing: 'no', synced: 0 }
  targets.set(directory, opened)
  return opened
}

/** Brings what is unpacked to its device: the most of it early, all of it at last. */
export class WriteOut implements Disposable {
  readonly #directory: string
  readonly #target: Target
  #told = 0

  /** `directory` is where the layers are staged, the same for all of a store's. */
  constructor(directory: string) {
    this.#directory = directory
    this.#target = target(directory)
    this.#target.users++
  }

  /** Hears how much of an archive has been unpacked. The device has little to do then, and a lot to do later. */
  unpacked(bytes: number): void {
    const target = this.#target
    target.waiting += bytes - this.#told
    this.#told = bytes
    if (target.waiting < worthwhile || target.syncing === 'yes') return
    target.waiting = 0
    target.syncing = 'yes'
    this.#begin()
  }

  /** sync(1), since the call waits and this process has no thread to spare. Without it nothing is lost but time. */
  #begin(): void {
    const end = (): void => {
      this.#target.syncing = 'no'
    }
    const program = spawn('sync', ['--file-system', this.#directory], { stdio: 'ignore' })
    program.on('error', end).on('exit', end).unref()
  }

  /** One sync for all layers of an image: what was unpacked before it is on the device. @throws SyscallError EIO, ENOSPC */
  finish(unpackedAt: number): void {
    const target = this.#target
    if (target.synced > unpackedAt) return
    const begun = tick()
    syncfs(target.fd)
    target.synced = begun
  }

  [Symbol.dispose](): void {
    if (--this.#target.users > 0) return
    targets.delete(this.#directory)
    closeSync(this.#target.fd)
  }
}
