import { closeSync, fchmodSync, fdatasyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Whether bytes must be on the device before the name points to them. */
export type Durability = 'durable' | 'volatile'

let written = 0

/** Replaces `path` in one step: whoever opens it sees the old bytes or the new. Mode 0600. */
export function writeAtomically(path: string, data: string | Uint8Array, durability: Durability = 'durable'): void {
  const temporary = join(dirname(path), `.tmp-${basename(path)}${process.pid}${written++}`)
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
