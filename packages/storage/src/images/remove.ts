import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { LayerId } from '../layers/layers.ts'
import { ownerOf, removeLayers } from '../layers/remove.ts'
import { markChange } from '../records/atomic-write.ts'
import type { StoredImage, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import { imageUnknown } from './find.ts'
import type { ImageId } from './images.ts'

/** Drops an image and every layer that nothing else needs; the ids of those layers. */
export async function removeImage(room: Room, id: ImageId): Promise<readonly LayerId[]> {
  const { trash, removed } = await room.layers.table.change(layers =>
    room.images.table.change(async images => {
      const image = dropImage(room, images, id)
      const removed = unneeded(room, layers, image)
      return { removed, trash: removed.length > 0 ? await removeLayers(room, layers, removed) : undefined }
    }),
  )
  trash?.[Symbol.dispose]()
  return removed
}

function dropImage(room: Room, draft: Draft<StoredImage>, id: ImageId): StoredImage {
  const image = draft.find(id)
  if (image === undefined) throw imageUnknown(id)
  const user = room.containers.table.read().find(each => each.image === id)
  if (user) throw new StorageError('IMAGE_IN_USE', `image ${id} is used by container ${user.id}`, { subject: id })
  using _mark = markChange(room.images.directory, id)
  draft.drop(id)
  draft.save()
  removeTree(join(room.images.directory, id))
  return image
}

/** The image's mapped copies, then its layers from the top, as far as nobody else stands on them. */
function unneeded(room: Room, draft: Draft<StoredLayer>, image: StoredImage): LayerId[] {
  const free: LayerId[] = []
  const isFree = (id: LayerId): boolean => {
    if (!draft.find(id)) return false
    const others = draft.all().some(each => each.parent === id && !free.includes(each.id))
    return !others && !ownerOf(room, id)
  }
  for (const id of image['mapped-layers'] ?? []) if (isFree(id)) free.push(id)
  for (let id = image.layer; id !== undefined && isFree(id); id = draft.find(id)?.parent) free.push(id)
  return free
}
