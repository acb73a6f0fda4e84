import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { withBigData, writeBigData } from '../records/big-data.ts'
import { bigDataFile } from '../records/big-data-name.ts'
import { uniqueNames } from '../records/id.ts'
import type { StoredImage } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { firstManifestDigest } from './create.ts'
import { needImage } from './find.ts'
import type { BigDataItem, ImageId } from './images.ts'

/** Changes a record under the lock. One of another store is copied into this one first. @throws StorageError IMAGE_UNKNOWN */
async function edit(
  room: Room,
  id: ImageId,
  change: (image: StoredImage, draft: Draft<StoredImage>) => StoredImage,
): Promise<void> {
  await room.images.table.change(draft => {
    const own = draft.find(id) ?? draft.all().find(each => each.names?.includes(id))
    const image = own ?? copyUp(room, draft, id)
    draft.replace(change(image, draft))
    draft.save()
  })
}

function copyUp(room: Room, draft: Draft<StoredImage>, id: ImageId): StoredImage {
  const { image, shelf } = needImage(room, id)
  if (draft.find(image.id)) return image
  const from = join(shelf.directory, image.id)
  if (existsSync(from)) cpSync(from, join(room.images.directory, image.id), { recursive: true })
  draft.insert(image)
  return image
}

/** Gives the image exactly these names, taking them from whoever has them. */
export function setNames(room: Room, id: ImageId, names: readonly string[]): Promise<void> {
  return edit(room, id, (image, draft) => renamed(draft, image, names))
}

/** New names come before the old. */
export function addNames(room: Room, id: ImageId, names: readonly string[]): Promise<void> {
  return edit(room, id, (image, draft) => renamed(draft, image, [...names, ...(image.names ?? [])]))
}

export function removeNames(room: Room, id: ImageId, names: readonly string[]): Promise<void> {
  return edit(room, id, (image, draft) =>
    renamed(
      draft,
      image,
      (image.names ?? []).filter(each => !names.includes(each)),
    ),
  )
}

function renamed(draft: Draft<StoredImage>, image: StoredImage, wanted: readonly string[]): StoredImage {
  const names = uniqueNames(wanted)
  for (const other of draft.all()) {
    if (other.id === image.id || !other.names?.some(name => names.includes(name))) continue
    draft.replace(
      withNames(
        other,
        other.names.filter(name => !names.includes(name)),
      ),
    )
  }
  const history = image['names-history'] ?? []
  // As other tools keep it: every name that it has now stands before those it had, the last first.
  const past = [...names.toReversed(), ...history.filter(name => !names.includes(name))]
  return { ...withNames(image, names), ...(past.length > 0 && { 'names-history': past }) }
}

function withNames(image: StoredImage, names: readonly string[]): StoredImage {
  const { names: _old, ...rest } = image
  return names.length > 0 ? { ...rest, names } : rest
}

/** Writes an item's bytes, then records its size and digest. */
export function setBigData(room: Room, id: ImageId, item: BigDataItem): Promise<void> {
  bigDataFile(item.key)
  return edit(room, id, image => {
    writeBigData(join(room.images.directory, image.id), item)
    const changed: StoredImage = { ...image, ...withBigData(image, item) }
    const digest = changed.digest ?? firstManifestDigest(changed)
    return digest === undefined ? changed : { ...changed, digest }
  })
}

export function setMetadata(room: Room, id: ImageId, metadata: string): Promise<void> {
  return edit(room, id, image => ({ ...image, metadata }))
}
