import { closeSync, constants, openSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { close } from '@libpod/syscall'

/** What a program writes to its standard error, read only when somebody asks. */
export interface Complaint extends Disposable {
  /** What was written so far. */
  text(): string
  /** All of it, as soon as nobody can write any more or after half a second: what a program left behind may hold the pipe open. */
  whole(): Promise<string>
}

/** Bytes that are read of it. */
const longest = 64 * 1024
/** Milliseconds. */
const longestHearing = 500
const pause = 10

/** The reading end of a pipe becomes the complaint's own. */
export function complaintThrough(pipe: number): Complaint {
  const pieces: Buffer[] = []
  let length = 0
  const read = (): 'more' | 'end' => {
    using opened = new DisposableStack()
    try {
      const fd = opened.adopt(openSync(`/proc/self/fd/${pipe}`, constants.O_RDONLY | constants.O_NONBLOCK), closeSync)
      for (;;) {
        const bytes = Buffer.alloc(longest - length)
        const count = readSync(fd, bytes)
        if (count === 0) return 'end'
        pieces.push(bytes.subarray(0, count))
        length += count
      }
    } catch {
      return 'more' // there is nothing to be read now
    }
  }
  const text = (): string => {
    read()
    return Buffer.concat(pieces).toString('utf8').trim()
  }
  const whole = async (): Promise<string> => {
    for (let waited = 0; waited < longestHearing && read() === 'more'; waited += pause) await delay(pause)
    return text()
  }
  return { text, whole, [Symbol.dispose]: () => close(pipe) }
}
