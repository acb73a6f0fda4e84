import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A process that was killed may be in its group for some milliseconds more, in one hierarchy longer than in another. */
const looks = 20
const pause = 10

/**
 * Removes the emptied directories of a cgroup in every hierarchy, its children first, again for a moment when something is
 * still in it. What is in use for longer stays.
 */
export async function removeCgroupSoon(cgroup: string): Promise<void> {
  // The hierarchies themselves are nobody's to remove.
  if (join('/', cgroup) === '/') return
  const root = '/sys/fs/cgroup'
  let left = ['', ...list(root)].map(hierarchy => join(root, hierarchy, cgroup))
  for (let look = 1; look <= looks; look++) {
    left = left.filter(directory => !prune(directory))
    if (left.length === 0) return
    if (look < looks) await delay(pause)
  }
}

/** Whether nothing is in its way any more. */
function prune(directory: string): boolean {
  for (const name of list(directory)) prune(join(directory, name))
  try {
    rmdirSync(directory)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EBUSY'
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}
