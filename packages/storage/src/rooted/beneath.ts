import { type BigIntStats, fstatSync } from 'node:fs'
import { close, O_DIRECTORY, O_NOFOLLOW, O_PATH, openat, tryOpenat } from '@libpod/syscall'
import { type ByteString, toBytes } from '../tar/bytes.ts'

const AT_FDCWD = -100

/** Read-only looks below a directory that follow no link anywhere, the last name's included. */
export class Beneath implements Disposable {
  readonly #root: number

  constructor(path: string) {
    this.#root = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY)
  }

  /** What is at `path`, undefined when nothing is, or when a link or file is on the way. */
  stat(path: ByteString): BigIntStats | undefined {
    return this.open(path, O_PATH, fd => fstatSync(fd, { bigint: true }))
  }

  /** Runs `use` with the opened thing; undefined when there is none. */
  open<T>(path: ByteString, flags: number, use: (fd: number) => T): T | undefined {
    const parts = path === '' ? ['.'] : path.split('/')
    let at = this.#root
    try {
      for (const [index, part] of parts.entries()) {
        const last = index === parts.length - 1
        const next = tryOpenat(at, toBytes(part), (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW)
        if (at !== this.#root) close(at)
        at = next
        if (next < 0) return undefined
      }
      return use(at)
    } finally {
      if (at >= 0 && at !== this.#root) close(at)
    }
  }

  [Symbol.dispose](): void {
    close(this.#root)
  }
}
