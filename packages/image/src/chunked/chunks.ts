import { hash } from 'node:crypto'
import type { Frames } from './frames.ts'
import type { Cut } from './split.ts'
import type { TocEntry } from './toc-entry.ts'

/** The content of one file on its way into frames, and what the table of contents says of them. */
export class Chunks {
  readonly #file: TocEntry
  readonly #entries: TocEntry[] = []
  #held: Uint8Array[] = []
  #start = 0

  constructor(file: TocEntry) {
    this.#file = file
  }

  hold(bytes: Uint8Array): void {
    this.#held.push(bytes)
  }

  /** Makes a frame of what is held, up to the cut. */
  cut({ kind, end }: Cut, frames: Frames): void {
    const held = Buffer.concat(this.#held)
    const size = end - this.#start
    const bytes = held.subarray(0, size)
    this.#held = size < held.length ? [held.subarray(size)] : []
    const chunk: TocEntry = {
      type: 'chunk',
      name: this.#file.name,
      chunkOffset: this.#start,
      chunkSize: size,
      chunkDigest: `sha256:${hash('sha256', bytes, 'hex')}`,
      ...(kind === 'zeros' && { chunkType: kind }),
    }
    this.#start = end
    this.#entries.push(chunk)
    frames.add(bytes, (from, to) => {
      chunk.offset = from
      this.#file.offset ??= from
      this.#file.endOffset = to
    })
  }

  /** The entries behind the file's own: a file of one chunk has none, and its first chunk is told by itself. */
  end(digest: string): readonly TocEntry[] {
    this.#file.digest = digest
    const [first, ...others] = this.#entries
    if (first === undefined || others.length === 0) return []
    const { chunkSize, chunkDigest, chunkType } = first
    Object.assign(this.#file, { chunkSize, chunkDigest, ...(chunkType && { chunkType }) })
    return others
  }
}
