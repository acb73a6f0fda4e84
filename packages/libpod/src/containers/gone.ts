/** Lets an error pass that says only that there is no such container. */
export function ifGone(error: unknown): void {
  if (codeOf(error) !== 'CONTAINER_UNKNOWN') throw error
}

/** Lets an error pass that says only that the container has ended, or is there no more. */
export function ifEnded(error: unknown): void {
  if (codeOf(error) !== 'CONTAINER_STATE') ifGone(error)
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code
