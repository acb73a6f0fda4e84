import type { Mount } from '../spec/mount.ts'

/**
 * The propagation the root needs so that mounts with `shared` or `slave` options can work; undefined when none asks.
 * Shared wins, for it serves both.
 */
export function rootPropagation(mounts: readonly Mount[]): 'shared' | 'rslave' | undefined {
  const options = new Set(mounts.flatMap(mount => mount.options ?? []))
  if (options.has('shared') || options.has('rshared')) return 'shared'
  if (options.has('slave') || options.has('rslave')) return 'rslave'
  return undefined
}
