import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeBigData } from '../records/big-data.ts'
import { bigDataKey } from '../records/big-data-name.ts'
import { isId } from '../records/id.ts'
import { isNear } from '../records/near.ts'
import type { StoredImage } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import type { Items } from './image-evidence.ts'
import { imageFrom, isRight, lostManifest, mendImage } from './image-record.ts'
import type { LayersById } from './top-layer.ts'

/** Every item of an image that a key can name. */
export function readItems(directory: string): Items {
  const items = new Map<string, Buffer>()
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const key = bigDataKey(name)
    const path = join(directory, name)
    if (key !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile()) items.set(key, readFileSync(path))
  }
  return items
}

/**
 * Under the images' write lock: records are put right from the items beside them, those whose id was damaged get it back,
 * and items without a record get one where they prove an image.
 */
export function mendImages(room: Room, draft: Draft<StoredImage>, layers: LayersById): void {
  const { directory } = room.images
  for (const id of strangers(directory, draft)) {
    const items = readItems(join(directory, id))
    const ghost = draft.all().find(each => isGhost(directory, each) && isOf(each, id))
    const image = ghost ? mendImage({ ...ghost, id }, items, layers) : imageFrom(id, items, layers)
    if (image && ghost) draft.replace(image, ghost.id)
    else if (image) draft.insert(withTime(image, join(directory, id)))
  }
  for (const image of draft.all()) {
    const items = readItems(join(directory, image.id))
    if (isRight(image, items, layers)) continue
    const manifest = lostManifest(image, items)
    if (manifest) writeBigData(join(directory, image.id), { key: 'manifest', data: manifest })
    draft.replace(mendImage(image, manifest ? new Map([...items, ['manifest', manifest]]) : items, layers))
  }
  draft.save()
}

function strangers(directory: string, draft: Draft<StoredImage>): readonly string[] {
  return existsSync(directory) ? readdirSync(directory).filter(name => isId(name) && !draft.find(name)) : []
}

/** A record that names items and has not even a directory. */
const isGhost = (directory: string, image: StoredImage): boolean =>
  (image['big-data-names']?.length ?? 0) > 0 && !existsSync(join(directory, image.id))

const isOf = (ghost: StoredImage, id: string): boolean =>
  isNear(ghost.id, id) || ghost['big-data-names']?.includes(`sha256:${id}`) === true

/** What no config tells: an index was made when it was written. */
function withTime(image: StoredImage, directory: string): StoredImage {
  return Date.parse(image.created) === 0 ? { ...image, created: statSync(directory).mtime.toISOString() } : image
}
