import { existsSync, type FSWatcher, readFileSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from './process.ts'

/** How a container ended. */
export interface Exit {
  /** Its exit status, or 128 and the signal; `unknown` when its monitor died before it could write it down. */
  readonly code: number | 'unknown'
  readonly finishedAt: Date
}

export interface WaitOptions {
  /** conmon's pid, or better its identity as `identifyProcess` told it at the start: without it the death of conmon goes unseen. */
  readonly monitor?: number | ProcessIdentity
  readonly signal?: AbortSignal
}

/** Milliseconds between two looks at the monitor's life. The exit file itself is announced by inotify. */
const heartbeat = 1000

/** The end of a container as conmon wrote it down; nothing while it runs. */
export function readExit(exitDir: string, containerId: string): Exit | undefined {
  const file = join(exitDir, containerId)
  try {
    const text = readFileSync(file, 'latin1').trim()
    const finishedAt = statSync(file).mtime
    return /^\d{1,10}$/.test(text) ? { code: Number(text), finishedAt } : { code: 'unknown', finishedAt }
  } catch {
    return undefined
  }
}

/** Whether the kernel killed the container for want of memory; conmon leaves a file `oom` in the bundle and in the persist directory. */
export const readOom = (...directories: readonly string[]): boolean =>
  directories.some(directory => existsSync(join(directory, 'oom')))

/** Waits for the end of a container. @throws the signal's reason */
export async function waitExit(exitDir: string, containerId: string, options: WaitOptions = {}): Promise<Exit> {
  const { signal } = options
  signal?.throwIfAborted()
  const monitor = typeof options.monitor === 'number' ? (identifyProcess(options.monitor) ?? 'gone') : options.monitor
  const now = (): Exit | undefined => {
    // The order matters: a monitor that is dead now has written all it will ever write.
    const dead = monitor !== undefined && (monitor === 'gone' || !isAlive(monitor))
    return readExit(exitDir, containerId) ?? (dead ? { code: 'unknown', finishedAt: new Date() } : undefined)
  }
  const already = now()
  if (already) return already
  const { promise, resolve, reject } = Promise.withResolvers<Exit>()
  const look = (): void => {
    const exit = now()
    if (exit) resolve(exit)
  }
  const abort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', abort)
  const watcher = watchDirectory(exitDir, look, reject)
  const timer = setInterval(look, heartbeat)
  look()
  return promise.finally(() => {
    watcher?.close()
    clearInterval(timer)
    signal?.removeEventListener('abort', abort)
  })
}

/** inotify may be used up on a busy host: the heartbeat has to do then. */
function watchDirectory(directory: string, look: () => void, reject: (error: unknown) => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, look)
    watcher.on('error', reject)
    return watcher
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOSPC' && code !== 'EMFILE') reject(error)
    return undefined
  }
}
