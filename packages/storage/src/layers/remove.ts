import { StorageError } from '../errors.ts'
import { unlessFull } from '../records/atomic-write.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import type { LayerId } from './layers.ts'
import { forgetMount } from './mounts.ts'
import { retireFiles } from './sweep.ts'
import { makeTemporary } from './temporary.ts'

/**
 * Removes layers, under the layers' write lock: their records are gone when this returns, and the slow part is what
 * disposing of the trash does, after the lock.
 */
export async function removeLayers(
  room: Room,
  draft: Draft<StoredLayer>,
  ids: readonly LayerId[],
): Promise<Disposable> {
  const trash = await retireLayers(room, draft, ids)
  draft.save()
  return trash
}

/**
 * As {@link removeLayers}, but saving is left to the caller: until then the records stay, marked as incomplete, and whoever
 * comes across them after a crash goes on.
 */
export async function retireLayers(
  room: Room,
  draft: Draft<StoredLayer>,
  ids: readonly LayerId[],
): Promise<Disposable> {
  for (const id of ids) await forgetMount(room, id)
  const trash = unlessFull(() => makeTemporary(room.driver.staging))
  try {
    unlessFull(() => markIncomplete(draft, ids))
    for (const id of ids) {
      retireFiles(room, id, trash?.path)
      draft.drop(id)
    }
    return trash ?? { [Symbol.dispose]: () => {} }
  } catch (error) {
    trash?.[Symbol.dispose]()
    throw error
  }
}

function markIncomplete(draft: Draft<StoredLayer>, ids: readonly LayerId[]): void {
  for (const id of ids) {
    const record = draft.find(id)
    if (record) draft.replace({ ...record, flags: { ...record.flags, incomplete: true } })
  }
  draft.save()
}

/** @throws StorageError LAYER_UNKNOWN, LAYER_IN_USE */
export async function removeLayer(room: Room, id: LayerId): Promise<void> {
  using _trash = await room.layers.table.change(async draft => {
    checkUnused(room, draft, id)
    return await removeLayers(room, draft, [id])
  })
}

function checkUnused(room: Room, draft: Draft<StoredLayer>, id: LayerId): void {
  if (!draft.find(id)) throw new StorageError('LAYER_UNKNOWN', `layer ${id} is not known`, { subject: id })
  const user = layerUser(room, draft, id)
  if (user) throw new StorageError('LAYER_IN_USE', `layer ${id} is used by ${user}`, { subject: id })
}

/** Who needs the layer: a child, an image or a container; undefined when nobody does. */
function layerUser(room: Room, draft: Draft<StoredLayer>, id: LayerId): string | undefined {
  const child = draft.all().find(each => each.parent === id)
  return child ? `layer ${child.id}` : ownerOf(room, id)
}

/** The image or container whose own layer this is. */
export function ownerOf(room: Room, id: LayerId): string | undefined {
  const image = room.images.table.read().find(each => each.layer === id || each['mapped-layers']?.includes(id))
  if (image) return `image ${image.id}`
  const container = room.containers.table.read().find(each => each.layer === id)
  return container && `container ${container.id}`
}
