import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Room } from '../room.ts'
import { needImage } from './find.ts'
import type { ImageId } from './images.ts'

/**
 * When an image was last used is the time of its directory: every program sets it when it writes the image, and this one when
 * a container is made. It costs no record and no lock; containers of other programs tell by their own time.
 */

/** @throws StorageError IMAGE_UNKNOWN */
export function lastUsed(room: Room, id: ImageId): Date {
  const { image, shelf } = needImage(room, id)
  const written =
    statSync(join(shelf.directory, image.id), { throwIfNoEntry: false })?.mtimeMs ?? Date.parse(image.created)
  const made = room.containers.table.read().filter(each => each.image === image.id)
  return new Date(Math.max(written, ...made.map(each => Date.parse(each.created) || 0)))
}

/** Where the time cannot be kept (an image without a directory, a store of others) there is none to keep. */
export function markUsed(room: Room, id: ImageId): void {
  const now = new Date()
  try {
    utimesSync(join(room.images.directory, id), now, now)
  } catch (error) {
    if (!['ENOENT', 'EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
