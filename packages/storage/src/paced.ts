import { setImmediate } from 'node:timers/promises'
import type { Call } from './call.ts'

/** Milliseconds for which nothing else in the process can happen. */
const longest = 15

/**
 * Runs work on many files to its end. It yields wherever it may be interrupted: now and then others get their turn, and
 * `signal` stops it.
 */
export async function paced<T>(work: Generator<void, T>, { signal }: Pick<Call, 'signal'> = {}): Promise<T> {
  signal?.throwIfAborted()
  let since = performance.now()
  try {
    for (;;) {
      const step = work.next()
      if (step.done) return step.value
      if (performance.now() - since < longest) continue
      await setImmediate()
      signal?.throwIfAborted()
      since = performance.now()
    }
  } finally {
    work.return?.(undefined as T)
  }
}
