import { toMappings } from '../records/convert.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { needLayer, standsOn, storedLayer } from './find.ts'
import type { LayerId, MountLayerOptions } from './layers.ts'

/**
 * Counted mounts, shared with every other program: one count per mount call in `mountpoints.json`. Locks are taken in
 * the format's order: storage.lock, layers.lock, mountpoints.lock.
 */

/** Mounts a layer, or counts one more. @throws StorageError LAYER_UNKNOWN, LAYER_DAMAGED */
export async function mountLayer(room: Room, id: LayerId, options: MountLayerOptions = {}): Promise<string> {
  needLayer(room, id)
  const count = (): Promise<string> =>
    room.mounts.change(draft => {
      // It may have been removed while the locks were waited for.
      const layer = needLayer(room, id)
      const known = draft.find(id)
      // One that is mounted but not counted was mounted by a process that died before it could count.
      const mounted = room.driver.isMounted(id)
      const label = options.label ?? layer.mountlabel
      const below = layer.parent === undefined ? undefined : storedLayer(room, layer.parent)
      const mappings = options.mappings ?? mappingsOf(layer, below)
      const path = mounted
        ? (known?.path ?? room.driver.mountPoint(id))
        : room.driver.mount(id, { ...options, ...(label && { label }), ...(mappings && { mappings }) })
      const record = { id, path, count: mounted ? (known?.count ?? 0) + 1 : 1 }
      if (known) draft.replace(record)
      else draft.insert(record)
      draft.save()
      return path
    })
  const { signal } = options
  return await room.graphLock.hold('write', () => room.layers.table.lock.hold('write', count, signal), signal)
}

/** A container's layer says how its image's files are to be seen, unless they have been given to those owners already. */
function mappingsOf({ uidmap, gidmap }: StoredLayer, below: StoredLayer | undefined): MountLayerOptions['mappings'] {
  if (below?.uidmap || below?.gidmap) return undefined
  return uidmap || gidmap ? { uids: toMappings(uidmap), gids: toMappings(gidmap) } : undefined
}

/** Counts one down, or to zero by force, and unmounts at zero. */
export async function unmountLayer(room: Room, id: LayerId, how: 'once' | 'force' = 'once'): Promise<void> {
  await room.layers.table.lock.hold('write', () => countDown(room, id, how))
}

/** As {@link unmountLayer} by force, for holders of the layers' lock. */
export async function forgetMount(room: Room, id: LayerId): Promise<void> {
  if (mountCount(room, id) > 0) await countDown(room, id, 'force')
}

async function countDown(room: Room, id: LayerId, how: 'once' | 'force'): Promise<void> {
  await room.mounts.change(draft => {
    const known = draft.find(id)
    if (known === undefined) return
    if (how === 'once' && known.count > 1) draft.replace({ ...known, count: known.count - 1 })
    else {
      room.driver.unmount(id)
      draft.drop(id)
    }
    draft.save()
  })
}

/** How many mounts are counted; read without a lock. */
export function mountCount(room: Room, id: LayerId): number {
  return room.mounts.read().find(each => each.id === id)?.count ?? 0
}

/** Whether a layer, or one that lies on it, is mounted: its files are then left alone. */
export const isBelowMount = (room: Room, id: LayerId): boolean =>
  room.mounts.read().some(each => each.count > 0 && standsOn(room, each.id, new Set([id])))

/** Where the counted mounts are; read without a lock. */
export function mountedAt(room: Room, id: LayerId): string | undefined {
  return room.mounts.read().find(each => each.id === id && each.count > 0)?.path
}
