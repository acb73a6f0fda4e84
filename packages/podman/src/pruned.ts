import { engineFailed, judge } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** Tells what a prune removed, and what it could not. The exit status. */
export function pruned(results: readonly { readonly id: string; readonly error?: Error }[], io: Terminal): number {
  for (const { id, error } of results) if (!error) io.out(`${id}\n`)
  const errors = results.flatMap(({ error }) => (error ? [error] : []))
  for (const error of errors) io.err(`Error: ${judge(error).message ?? ''}\n`)
  return errors.length > 0 ? engineFailed : 0
}
