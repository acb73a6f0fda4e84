import { renameSync } from 'node:fs'

/** Far more than mounts that come and go between two looks at the same path. */
const tries = 1000

/**
 * Renames below the home. Every program binds the home on itself when it starts and takes that away when it ends, under a
 * lock that those who rename do not hold: one path may be looked up before and the other after, and they then seem to be
 * on two file systems.
 */
export function moveWithin(from: string, to: string): void {
  for (let left = tries; ; left--) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV' || left === 0) throw error
    }
  }
}
