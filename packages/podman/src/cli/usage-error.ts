/** The caller wrote something we cannot accept. `message` is complete; the front prints `Error: ` before it and leaves with 125. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
