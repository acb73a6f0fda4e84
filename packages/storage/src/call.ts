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
  /**
   * Of a file that is still being written: how many bytes of the stretch are there, one number in shared memory; -1 when no
   * more will come. Whoever changes it wakes those who wait for it (`Atomics.notify`).
   */
  readonly filled?: BigInt64Array
}

/** Whether `source` names a file rather than being a stream of bytes. */
export function isFileRange(source: Bytes | FileRange): source is FileRange {
  return !(Symbol.asyncIterator in source)
}
