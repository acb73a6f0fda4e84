import { join } from 'node:path'
import { readBigData } from '../records/big-data.ts'
import type { Room } from '../room.ts'
import { createImage } from './create.ts'
import { addNames, removeNames, setBigData, setMetadata, setNames } from './edit.ts'
import { everyImage, findImage, findImages, needImage } from './find.ts'
import type { Images } from './images.ts'
import { lastUsed } from './last-used.ts'
import { removeImage } from './remove.ts'
import { imageSize } from './size.ts'

/** The images of a store; reading takes no lock. */
export function imagesOf(room: Room): Images {
  return {
    get: async text => findImage(room, text),
    byDigest: async digest => findImages(room, each => each.digests.includes(digest)),
    byTopLayer: async layer => findImages(room, each => each.layer === layer || each.mappedLayers.includes(layer)),
    list: async ({ copies = 'first' } = {}) => (copies === 'all' ? everyImage(room) : findImages(room, () => true)),
    create: as => createImage(room, as),
    setNames: (id, names) => setNames(room, id, names),
    addNames: (id, names) => addNames(room, id, names),
    removeNames: (id, names) => removeNames(room, id, names),
    bigData: async (id, key) => {
      const { image, shelf } = needImage(room, id)
      return readBigData(join(shelf.directory, image.id), key)
    },
    setBigData: (id, item) => setBigData(room, id, item),
    setMetadata: (id, metadata) => setMetadata(room, id, metadata),
    lastUsed: async id => lastUsed(room, id),
    size: (id, call) => imageSize(room, id, call),
    remove: id => removeImage(room, id),
  }
}
