import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { randomBytes, tryLock } from '@libpod/syscall'

const tokenLength = 64
const longestPause = 20

/** What a holder may do with the file itself: it names the last writer (64 opaque bytes). */
export interface HeldLock {
  /** Says that the records beside this lock are about to change; to be called before they do. */
  touch(): void
  token(): Buffer
}

/** Who waits for which lock within this process, so that waiters are served in order. */
const queues = new Map<string, Promise<unknown>>()

/**
 * One of the store's `*.lock` files: an fcntl record lock over the whole file, as every containers/storage program takes
 * it. The holder's work should be a few milliseconds and must not wait for a network or a program.
 */
export class Lockfile {
  readonly path: string
  readonly #access: 'read-write' | 'read-only'

  constructor(path: string, access: 'read-write' | 'read-only' = 'read-write') {
    this.path = path
    this.#access = access
  }

  /** Runs `work` while holding the lock; waits as long as it takes, or until `signal` aborts. */
  async hold<T>(kind: 'read' | 'write', work: (held: HeldLock) => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = queues.get(this.path) ?? Promise.resolve()
    const result = turn.then(() => {
      signal?.throwIfAborted()
      return this.#hold(kind, work, signal)
    })
    const settled = result.catch(() => {})
    queues.set(this.path, settled)
    try {
      return await result
    } finally {
      if (queues.get(this.path) === settled) queues.delete(this.path)
    }
  }

  async #hold<T>(kind: 'read' | 'write', work: (held: HeldLock) => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const fd = this.#open()
    try {
      for (let wait = 1; !tryLock(fd, kind); wait = Math.min(wait * 2, longestPause)) {
        await pause(wait, undefined, signal ? { signal } : undefined)
      }
      return await work({ touch: () => touch(fd), token: () => readToken(fd) })
    } finally {
      closeSync(fd)
    }
  }

  #open(): number {
    const flags = (this.#access === 'read-write' ? constants.O_RDWR : constants.O_RDONLY) | constants.O_CREAT
    try {
      return openSync(this.path, flags, 0o644)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
      return openSync(this.path, flags, 0o644)
    }
  }
}

let writes = 0n

/** Time, count, process and chance: no two writers ever leave the same token. */
function touch(fd: number): void {
  const token = Buffer.alloc(tokenLength)
  token.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 0)
  token.writeBigUInt64LE(writes++, 8)
  token.writeUInt32LE(process.pid, 16)
  token.set(randomBytes(token.length - 20), 20)
  writeSync(fd, token, 0, tokenLength, 0)
}

function readToken(fd: number): Buffer {
  const token = Buffer.alloc(tokenLength)
  return token.subarray(0, readSync(fd, token, 0, tokenLength, 0))
}
