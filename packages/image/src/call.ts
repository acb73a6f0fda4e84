/** Bytes that arrive piece by piece. */
export type Bytes = AsyncIterable<Uint8Array>

/** What every long call takes last: a way to stop it and a way to watch it. */
export interface Call<Event = never> {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: Event) => void
}

/** A stretch of a local file: `length` bytes from `offset`. */
export interface FileRange {
  readonly path: string
  readonly offset: number
  readonly length: number
}
