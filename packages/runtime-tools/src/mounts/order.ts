import { posix } from 'node:path'
import type { Mount } from '../spec/mount.ts'

/** Parents before children: by the number of path components, otherwise as given. */
export function sortMounts(mounts: readonly Mount[]): readonly Mount[] {
  return [...mounts].sort((a, b) => depth(a.destination) - depth(b.destination))
}

/**
 * `base` without what `over` replaces, then `over`. A mount on /dev replaces all that `base` has below /dev:
 * whoever brings a whole /dev has those too.
 */
export function overrideMounts(base: readonly Mount[], over: readonly Mount[]): readonly Mount[] {
  const taken = new Set(over.map(mount => posix.resolve('/', mount.destination)))
  const kept = base.filter(({ destination }) => {
    return !taken.has(posix.resolve('/', destination)) && !(taken.has('/dev') && destination.startsWith('/dev/'))
  })
  return [...kept, ...over]
}

const depth = (path: string) => path.split('/').filter(part => part !== '').length
