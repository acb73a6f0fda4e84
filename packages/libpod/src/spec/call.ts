/** The last argument of every long call. A rejected call rejects with `signal.reason`. */
export interface Call<Event = never> {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: Event) => void
}
