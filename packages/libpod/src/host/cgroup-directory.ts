import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Removes the emptied directories of a cgroup in every hierarchy, its children first. What is still in use stays. */
function removeCgroup(cgroup: string): void {
  // The hierarchies themselves are nobody's to remove.
  if (join('/', cgroup) === '/') return
  const root = '/sys/fs/cgroup'
  for (const hierarchy of ['', ...list(root)]) prune(join(root, hierarchy, cgroup))
}

/** A process that was killed may be in its group for some milliseconds more. */
const looks = 20
const pause = 10

/** {@link removeCgroup}, again for a moment when something is still in it. */
export async function removeCgroupSoon(cgroup: string): Promise<void> {
  for (let look = 0; look < looks && hasCgroup(cgroup); look++) {
    if (look > 0) await delay(pause)
    removeCgroup(cgroup)
  }
}

/** Whether a cgroup is there, by the hierarchies that a runtime makes one in wherever it can. */
const hasCgroup = (cgroup: string): boolean =>
  ['', 'memory', 'pids'].some(hierarchy => existsSync(join('/sys/fs/cgroup', hierarchy, cgroup)))

function prune(directory: string): void {
  for (const name of list(directory)) prune(join(directory, name))
  try {
    rmdirSync(directory)
  } catch {
    // Not there, or still with processes: either way nothing to do.
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}
