/** Bytes that arrive piece by piece. */
export type Bytes = AsyncIterable<Uint8Array>

/** What every long call takes last: a way to stop it and a way to watch it. */
export interface Call<Event = never> {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: Event) => void
}

/** A stretch of a local file: `length` bytes from `offset`; the whole file when they are left out. */
export interface FileRange {
  readonly path: string
  readonly offset?: number
  readonly length?: number
}

/** Whether `source` names a file rather than being a stream of bytes. */
export function isFileRange(source: Bytes | FileRange): source is FileRange {
  return !(Symbol.asyncIterator in source)
}
