import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync, renameSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Lockfile } from '@libpod/storage'
import { timestamp } from '../timestamp.ts'
import type { EngineEvent } from './events.ts'
import { formatEvent } from './line.ts'

/**
 * Podman's events.log: one JSON object a line, appended under `<path>.lock`. Past `maxBytes` the older half is dropped and
 * what stays is framed by two `log-rotation` events.
 */
export class EventLog {
  readonly path: string
  readonly #lock: Lockfile
  readonly #maxBytes: number

  constructor(path: string, maxBytes: number) {
    this.path = path
    this.#lock = new Lockfile(`${path}.lock`)
    this.#maxBytes = maxBytes
  }

  async append(event: EngineEvent): Promise<void> {
    const line = `${formatEvent(event)}\n`
    await this.#lock.hold('write', () => {
      let file = this.#open()
      try {
        if (fstatSync(file).size >= this.#maxBytes) {
          this.#rotate()
          closeSync(file)
          file = this.#open()
        }
        writeSync(file, line)
      } finally {
        closeSync(file)
      }
    })
  }

  /** The lock beside it has made the directory. */
  #open(): number {
    return openSync(this.path, 'a', 0o700)
  }

  #rotate(): void {
    const text = readFileSync(this.path)
    const middle = text.indexOf(0x0a, Math.floor(text.length / 2)) + 1
    const kept = middle === 0 ? Buffer.alloc(0) : text.subarray(middle)
    const temporary = `${this.path}.${process.pid}.tmp`
    const file = openSync(temporary, 'w', 0o700)
    try {
      writeSync(file, Buffer.concat([rotation(this.path, 'begin'), kept, rotation(this.path, 'end')]))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, this.path)
  }

  /** The complete lines from a byte offset on, and where the next read goes on. */
  async read(from: Position): Promise<Read> {
    const file = await open(this.path).catch(() => undefined)
    if (!file) return { lines: [], next: from }
    try {
      const { ino, size } = await file.stat()
      const offset = ino === from.inode && size >= from.offset ? from.offset : 0
      const bytes = Buffer.alloc(size - offset)
      const length = bytes.length > 0 ? readSync(file.fd, bytes, 0, bytes.length, offset) : 0
      const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1
      const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
      return { lines, next: { inode: ino, offset: offset + end } }
    } finally {
      await file.close()
    }
  }
}

/** The lines that one reading found. */
export interface Read {
  readonly lines: readonly string[]
  readonly next: Position
}

/** How far a reader is; a rotated file has another inode and is read from its beginning. */
interface Position {
  readonly inode: number
  readonly offset: number
}

function rotation(name: string, edge: 'begin' | 'end'): Buffer {
  const event: EngineEvent = {
    type: 'system',
    name,
    status: 'log-rotation',
    time: timestamp(),
    attributes: { 'io.podman.event.rotate': edge },
  }
  return Buffer.from(`${formatEvent(event)}\n`)
}
