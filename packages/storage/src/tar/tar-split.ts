import { isUtf8 } from 'node:buffer'
import { type ByteString, toBytes } from './bytes.ts'

/** Longer runs of structure are recorded in pieces, so that neither side keeps more in memory. */
const longestSegment = 1 << 20

/**
 * Turns what a reader of a tar sees into the lines of a tar-split record (vbatts/tar-split, tar/storage): everything but
 * the files' data, in order. `take` gives what has gathered.
 */
export class TarSplitLines {
  readonly #pending: Buffer = Buffer.alloc(longestSegment)
  #filled = 0
  #lines: string[] = []
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
    const label = nameField(name)
    const rest = checksum ? `"size":${size},"payload":"${checksum.toString('base64')}"` : '"payload":null'
    this.#line(`{"type":1,${label}${rest},"position":${this.#position++}}\n`)
  }

  /** How many characters wait. */
  get length(): number {
    return this.#length
  }

  take(): string {
    const text = this.#lines.join('')
    this.#lines = []
    this.#length = 0
    return text
  }

  end(): void {
    this.#flush()
  }

  #flush(): void {
    if (this.#filled === 0) return
    const payload = this.#pending.toString('base64', 0, this.#filled)
    this.#filled = 0
    this.#line(`{"type":2,"payload":"${payload}","position":${this.#position++}}\n`)
  }

  #line(text: string): void {
    this.#lines.push(text)
    this.#length += text.length
  }
}

/** Names are JSON text while they are UTF-8, base64 otherwise. */
function nameField(name: ByteString): string {
  if (name === '') return ''
  const bytes = toBytes(name)
  if (isUtf8(bytes)) return `"name":${JSON.stringify(bytes.toString())},`
  return `"name_raw":"${bytes.toString('base64')}",`
}
