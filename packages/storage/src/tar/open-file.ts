import { writeSync } from 'node:fs'
import { close } from '@libpod/syscall'
import type { Place } from './dresser.ts'
import type { TarEntry } from './entry.ts'
import { odd } from './unpack-errors.ts'

/** The regular file whose data arrives, of a sparse one only what it has. */
export class OpenFile implements Disposable {
  readonly fd: number
  readonly parent: Place['parent']
  #extent = 0
  #inExtent = 0

  constructor(fd: number, parent: Place['parent']) {
    this.fd = fd
    this.parent = parent
  }

  /** The next stored bytes. @throws StorageError ARCHIVE_INVALID when there are more than the entry's map has place for */
  write(bytes: Buffer, entry: TarEntry): void {
    if (entry.extents) this.#writeExtents(bytes, entry)
    else for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at)
  }

  #writeExtents(bytes: Buffer, entry: TarEntry): void {
    for (let at = 0; at < bytes.length; ) {
      const extent = entry.extents?.[this.#extent]
      if (extent === undefined) throw odd(entry, 'has more data than its map')
      const length = Math.min(bytes.length - at, extent.length - this.#inExtent)
      const written = writeSync(this.fd, bytes, at, length, extent.offset + this.#inExtent)
      at += written
      this.#inExtent += written
      if (this.#inExtent === extent.length) {
        this.#extent++
        this.#inExtent = 0
      }
    }
  }

  [Symbol.dispose](): void {
    close(this.fd)
  }
}
