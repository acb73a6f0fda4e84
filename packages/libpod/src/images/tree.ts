import type { Layer } from '@libpod/storage'
import { type Catalog, readCatalog } from './catalog.ts'
import type { ImageTree, ImageTreeLayer, ImageTreeNode } from './images.ts'
import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'

/** The layers of an image from the bottom up, and what stands on its last; each with the names of images that end there. @throws LibpodError IMAGE_UNKNOWN */
export async function imageTree(rooms: ImageRooms, name: string): Promise<ImageTree> {
  const catalog = await readCatalog(await rooms.store())
  const { record } = await locateImage(rooms, name)
  const layers = catalog.chain(record).toReversed()
  const top = layers.at(-1)
  return {
    id: record.id,
    tags: record.names,
    size: catalog.size(record),
    layers: layers.map(layer => describe(catalog, layer)),
    ...(top !== undefined && {
      top: nodeOf(catalog, top),
      siblings: top.parent === undefined ? 0 : catalog.childLayers(top.parent).length - 1,
    }),
  }
}

const describe = (catalog: Catalog, layer: Layer): ImageTreeLayer => ({
  id: layer.id,
  size: layer.diffSize ?? 0,
  topOf: catalog.withTopLayer(layer.id).flatMap(image => image.names),
})

const nodeOf = (catalog: Catalog, layer: Layer): ImageTreeNode => ({
  ...describe(catalog, layer),
  children: catalog.childLayers(layer.id).map(child => nodeOf(catalog, child)),
})
