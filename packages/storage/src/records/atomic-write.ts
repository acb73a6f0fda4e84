import {
  closeSync,
  fchmodSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Whether bytes must be on the device before the name points to them. */
export type Durability = 'durable' | 'volatile'

/** Whether an error says that there is no space left. */
export function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** What makes removal safe or quick is left out where there is no space for it: then it must only make room. */
export function unlessFull<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isFull(error)) return undefined
    throw error
  }
}

/**
 * As {@link writeAtomically}, but on a full device a shorter text is written over the longer one: removing things must
 * go on where nothing new can be made.
 */
export function rewrite(path: string, text: string, durability: Durability): void {
  try {
    writeAtomically(path, text, durability)
  } catch (error) {
    if (!isFull(error) || Buffer.byteLength(text) > statSync(path).size) throw error
    const fd = openSync(path, 'r+')
    try {
      writeFileSync(fd, text)
      ftruncateSync(fd, Buffer.byteLength(text))
    } finally {
      closeSync(fd)
    }
  }
}

/** How the temporary files of atomic writes begin, everybody's. */
export const temporaryPrefix = '.tmp-'

/**
 * Says that the directory of a record is about to be made or removed. Until the mark is taken away, a directory beside it
 * that no record names is half done; without a mark it is left alone.
 */
export function markChange(directory: string, id: string): Disposable {
  const mark = join(directory, `${temporaryPrefix}${id}`)
  unlessFull(() => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    closeSync(openSync(mark, 'w', 0o600))
  })
  return { [Symbol.dispose]: () => rmSync(mark, { force: true }) }
}

let written = 0

/** Replaces `path` in one step: whoever opens it sees the old bytes or the new. Mode 0600. */
export function writeAtomically(path: string, data: string | Uint8Array, durability: Durability = 'durable'): void {
  const temporary = join(dirname(path), `${temporaryPrefix}${basename(path)}${process.pid}${written++}`)
  const fd = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(fd, data)
      fchmodSync(fd, 0o600)
      if (durability === 'durable') fdatasyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
