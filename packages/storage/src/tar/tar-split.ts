import { isUtf8 } from 'node:buffer'
import { type ByteString, toBytes } from './bytes.ts'

/** Longer runs of structure are recorded in pieces, so that neither side keeps more in memory. */
const longestSegment = 1 << 20

/** Room for lines at first, in bytes. Only long runs of structure need more. */
const usualLines = 512 * 1024

/**
 * Turns what a reader of a tar sees into the lines of a tar-split record (vbatts/tar-split, tar/storage): everything but
 * the files' data, in order. `take` gives what has gathered. The lines are written where they leave from, for strings
 * of them are most of what a layer would have to be collected of.
 */
export class TarSplitLines {
  readonly #pending: Buffer = Buffer.allocUnsafeSlow(longestSegment)
  #filled = 0
  #lines: Buffer = Buffer.allocUnsafeSlow(usualLines)
  #spare: Buffer = Buffer.allocUnsafeSlow(usualLines)
  #length = 0
  #position = 0

  structure(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#pending, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled === longestSegment) this.#flush()
    }
  }

  /** After a file's data; `checksum` only when it had any. */
  file(name: ByteString, size: number, checksum: Buffer | undefined): void {
    this.#flush()
    const rest = checksum ? `"size":${size},"payload":"${checksum.toString('base64')}"` : '"payload":null'
    this.#add(`{"type":1,${nameField(name)}${rest},"position":${this.#position++}}\n`)
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#length
  }

  /** What has gathered. It stays as it is until the next time but one. */
  take(): Buffer {
    const taken = this.#lines.subarray(0, this.#length)
    ;[this.#lines, this.#spare] = [this.#spare, this.#lines]
    this.#length = 0
    return taken
  }

  end(): void {
    this.#flush()
  }

  #flush(): void {
    if (this.#filled === 0) return
    this.#add('{"type":2,"payload":"')
    this.#add(this.#pending.toString('base64', 0, this.#filled))
    this.#add(`","position":${this.#position++}}\n`)
    this.#filled = 0
  }

  /** Text of one byte a character. */
  #add(text: string): void {
    const needed = this.#length + text.length
    if (needed > this.#lines.length) this.#grow(needed)
    this.#length += this.#lines.write(text, this.#length, 'latin1')
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#lines.length))
    this.#lines.copy(larger, 0, 0, this.#length)
    this.#lines = larger
  }
}

/** Names are JSON text while they are UTF-8, base64 otherwise; as bytes, as the lines are written. */
function nameField(name: ByteString): string {
  if (name === '') return ''
  if (isPlain(name)) return `"name":"${name}",`
  const bytes = toBytes(name)
  if (isUtf8(bytes)) return `"name":${Buffer.from(JSON.stringify(bytes.toString())).toString('latin1')},`
  return `"name_raw":"${bytes.toString('base64')}",`
}

/** Printable ASCII that JSON need not escape: nearly every name. */
const isPlain = (name: ByteString): boolean => /^[ !#-[\]-~]+$/.test(name)
