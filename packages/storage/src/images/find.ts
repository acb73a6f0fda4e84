import { StorageError } from '../errors.ts'
import { toImage } from '../records/convert.ts'
import { lookup } from '../records/id.ts'
import type { StoredImage } from '../records/stored.ts'
import type { Room, Shelf } from '../room.ts'
import type { ImageId, ImageRecord } from './images.ts'

interface Found {
  readonly image: StoredImage
  readonly shelf: Shelf<StoredImage>
  readonly readOnly: 'yes' | 'no'
}

function* shelves(room: Room): Generator<{ shelf: Shelf<StoredImage>; readOnly: 'yes' | 'no' }> {
  yield { shelf: room.images, readOnly: 'no' }
  for (const other of room.readOnly) yield { shelf: other.images, readOnly: 'yes' }
}

function find(room: Room, text: string): Found | undefined {
  for (const { shelf, readOnly } of shelves(room)) {
    const image = lookup(shelf.table.read(), text)
    if (image) return { image, shelf, readOnly }
  }
  return undefined
}

/** By id, name or prefix. @throws StorageError AMBIGUOUS_ID */
export function findImage(room: Room, text: string): ImageRecord | undefined {
  const found = find(room, text)
  return found && toImage(found.image, found.readOnly)
}

/** Every image for which `is` holds; of two with one id the first store's. */
export function findImages(room: Room, is: (image: ImageRecord) => boolean): readonly ImageRecord[] {
  const found = new Map<string, ImageRecord>()
  for (const { shelf, readOnly } of shelves(room)) {
    for (const each of shelf.table.read()) if (!found.has(each.id)) found.set(each.id, toImage(each, readOnly))
  }
  return [...found.values()].filter(is)
}

/** Every record, of two with one id each; the own store's first. */
export function everyImage(room: Room): readonly ImageRecord[] {
  return [...shelves(room)].flatMap(({ shelf, readOnly }) => shelf.table.read().map(each => toImage(each, readOnly)))
}

/** Where the image's record is, by exact id or name. @throws StorageError IMAGE_UNKNOWN */
export function needImage(room: Room, id: ImageId): Found {
  const found = find(room, id)
  if (found) return found
  throw imageUnknown(id)
}

export const imageUnknown = (id: ImageId): StorageError =>
  new StorageError('IMAGE_UNKNOWN', `image ${id} is not known`, { subject: id })
