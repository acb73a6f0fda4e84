import { lstatSync } from 'node:fs'
import { emptyTree } from '@libpod/storage'
import { cacheDirectories } from './temporary.ts'

/**
 * Removes what `RUN --mount=type=cache` left for later builds; the directories stay, for builds that go on know them. What another
 * user put there under that name stays too.
 */
export function removeBuildCache(): void {
  for (const path of cacheDirectories()) {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory() && found.uid === process.geteuid?.()) emptyTree(path)
  }
}
