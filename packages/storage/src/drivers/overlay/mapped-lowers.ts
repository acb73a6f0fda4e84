import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { close, MNT_DETACH, MOUNT_ATTR_IDMAP, mountSetattr, moveMount, openTree, umount } from '@libpod/syscall'
import { StorageError } from '../../errors.ts'
import { type IdMappings, toHost } from '../../idmap/mapping.ts'
import { withUserNamespace } from '../../idmap/user-namespace.ts'
import type { OverlayLayers } from './mount-options.ts'

/** Lower layers seen with shifted ids; the mounts may go once overlayfs has taken its own copies of them. */
export interface MappedLayers extends Disposable {
  readonly layers: OverlayLayers
}

/**
 * Shows lower layers with a container's ids as those of the host, through idmapped mounts: no file is touched (mount_setattr(2)).
 * What is written goes to the upper layer with the host's ids. @throws StorageError DRIVER_UNSUPPORTED
 */
export function mapLowers(directory: string, layers: OverlayLayers, mappings: IdMappings): MappedLayers {
  const home = join(directory, 'mapped')
  const places = layers.lowers.map((_, at) => join(home, String(at)))
  const release = () => {
    for (const place of places) quietly(() => umount(place, MNT_DETACH))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    for (const place of places) mkdirSync(place, { recursive: true, mode: 0o700 })
    withUserNamespace(mappings, usernsFd => {
      for (const [at, lower] of layers.lowers.entries()) mountMapped(lower, places[at] ?? home, usernsFd)
    })
  } catch (cause) {
    release()
    if (cause instanceof StorageError) throw cause
    const reason = `ids of lower layers cannot be shifted: ${(cause as Error).message}`
    throw new StorageError('DRIVER_UNSUPPORTED', reason, { cause })
  }
  if (layers.upper !== undefined) giveRoot(layers.upper, mappings)
  return { layers: { ...layers, lowers: places }, [Symbol.dispose]: release }
}

function mountMapped(from: string, to: string, usernsFd: number): void {
  const tree = openTree(from)
  try {
    mountSetattr(tree, { set: MOUNT_ATTR_IDMAP, usernsFd })
    moveMount(tree, to)
  } finally {
    close(tree)
  }
}

/** The root directory of a new upper layer looks like its parent's, which is the container's to see with ids of the host. */
function giveRoot(upper: string, { uids, gids }: IdMappings): void {
  const { uid, gid } = statSync(upper)
  const [hostUid, hostGid] = [toHost(uid, uids) ?? uid, toHost(gid, gids) ?? gid]
  if (hostUid !== uid || hostGid !== gid) chownSync(upper, hostUid, hostGid)
}

function quietly(step: () => void): void {
  try {
    step()
  } catch {
    // It was never mounted.
  }
}
