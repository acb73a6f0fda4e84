import { roomOf, type Store } from '../store.ts'
import type { CheckOptions } from './check.ts'
import type { Problem } from './problems.ts'
import type { RepairOptions } from './repair.ts'

/**
 * Everything that is wrong with a store, nothing changed: unfinished layers, missing or changed files, records that
 * point to nothing, files that no record names, mounts that are none. Reading every layer takes its time.
 */
export async function checkStore(store: Store, options: CheckOptions = {}): Promise<readonly Problem[]> {
  const { findProblems } = await import('./check.ts')
  return await findProblems(roomOf(store), options)
}

/**
 * Mends what a check found and gives what is still wrong. It never removes an image or container that is whole, nor,
 * unless told, one that is not.
 */
export async function repairStore(
  store: Store,
  problems: readonly Problem[],
  options: RepairOptions = {},
): Promise<readonly Problem[]> {
  const { mend } = await import('./repair.ts')
  return await mend(roomOf(store), problems, options)
}
