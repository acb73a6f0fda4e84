import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { mkfifo } from '@libpod/syscall'

/** A pipe that is open as long as somebody holds it: who reads of it is told of the holder's end, however that came. */
export interface Lifeline extends Disposable {
  readonly reader: number
  readonly holder: number
}

/** Both ends are this process's until they are given away; closed when disposed of. */
export function openLifeline(directory: string): Lifeline {
  const path = join(directory, 'lifeline')
  rmSync(path, { force: true })
  mkfifo(path, 0o600)
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const holder = openSync(path, constants.O_WRONLY)
  rmSync(path)
  return {
    reader,
    holder,
    [Symbol.dispose]: () => {
      closeSync(reader)
      closeSync(holder)
    },
  }
}
