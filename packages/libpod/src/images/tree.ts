import { readCatalog } from './catalog.ts'
import type { ImageTree } from './images.ts'
import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'

/** The layers of an image from the bottom up, each with the names of images that end there. @throws LibpodError IMAGE_UNKNOWN */
export async function imageTree(rooms: ImageRooms, name: string): Promise<ImageTree> {
  const catalog = await readCatalog(await rooms.store())
  const { record } = await locateImage(rooms, name)
  const layers = catalog.chain(record).toReversed()
  return {
    id: record.id,
    tags: record.names,
    size: catalog.size(record),
    layers: layers.map(layer => ({
      id: layer.id,
      size: layer.diffSize ?? 0,
      topOf: catalog.withTopLayer(layer.id).flatMap(image => image.names),
    })),
  }
}
