import { Lockfile } from '@libpod/storage'

/**
 * Runs `work` while holding a record lock over a whole file, as containers/storage's lock files are held: against other
 * processes and, in turn, against others of this one. The work should be short.
 */
export function withFileLock<T>(path: string, work: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Lockfile(path).hold('write', work, signal)
}
