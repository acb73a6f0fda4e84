import { write } from 'node:fs'
import { Writable } from 'node:stream'

/**
 * A stream onto a descriptor we inherited. `process.stdout` would do, but it loads the terminal and socket code, and writes to
 * pipes synchronously: a slow reader would then keep us from hearing signals.
 */
export function descriptorWriter(fd: number): Writable {
  return new Writable({ write: (chunk: Buffer, _encoding, done) => writeWhole(fd, chunk, done) })
}

function writeWhole(fd: number, chunk: Buffer, done: (error?: Error | null) => void): void {
  write(fd, chunk, (error, written) => {
    if (error?.code === 'EAGAIN') setTimeout(writeWhole, 2, fd, chunk, done)
    else if (error?.code === 'EPIPE') done()
    else if (error || written >= chunk.length) done(error)
    else writeWhole(fd, chunk.subarray(written), done)
  })
}
