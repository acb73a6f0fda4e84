import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Tells of changes to one file, also when it is replaced by another of its name. */
export interface FileChanges extends Disposable {
  /** Resolves at once when something changed since the last call, else at the next change. */
  next(): Promise<void>
  /** No more waiting: every `next` resolves at once from now on. */
  finish(): void
}

/** Milliseconds between two looks where inotify is used up. */
const slowLook = 250

export function fileChanges(path: string): FileChanges {
  const name = basename(path)
  let changed = false
  let finished = false
  let wake = (): void => {}
  const note = (): void => {
    changed = true
    wake()
  }
  const stop = watchOr(dirname(path), file => (file === null || file === name) && note(), note)
  const next = (): Promise<void> =>
    new Promise(resolve => {
      wake = () => {
        changed = false
        resolve()
      }
      if (changed || finished) wake()
    })
  const finish = (): void => {
    finished = true
    wake()
  }
  return { next, finish, [Symbol.dispose]: stop }
}

function watchOr(directory: string, seen: (file: string | null) => void, look: () => void): () => void {
  try {
    const watcher = watch(directory, (_, file) => seen(file))
    watcher.on('error', look)
    return () => watcher.close()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOSPC' && code !== 'EMFILE') throw error
    const timer = setInterval(look, slowLook)
    return () => clearInterval(timer)
  }
}
