import type { Layer } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { readCatalog } from './catalog.ts'
import type { HistoryEntry } from './images.ts'
import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'
import { readConfig } from './stored-image.ts'

/** Newest step first; a step that made a layer carries its size and the image that ends there. @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID */
export async function imageHistory(rooms: ImageRooms, name: string): Promise<readonly HistoryEntry[]> {
  const store = await rooms.store()
  const { record } = await locateImage(rooms, name)
  const [document, catalog] = await Promise.all([readConfig(store, record), readCatalog(store)])
  const chain = [...catalog.chain(record)]
  const used = new Set<string>()
  return document.history.toReversed().map(step => {
    const images = chain[0] ? catalog.withTopLayer(chain[0].id) : []
    const id = images.map(image => image.id).find(each => !used.has(each)) ?? '<missing>'
    used.add(id)
    const layer = step.emptyLayer === 'yes' ? undefined : needLayer(chain.shift(), record.id)
    const tags = images.flatMap(image => image.names)
    return {
      id,
      created: step.created,
      createdBy: step.createdBy,
      size: layer?.diffSize ?? 0,
      comment: step.comment,
      tags,
    }
  })
}

function needLayer(layer: Layer | undefined, image: string): Layer {
  if (layer) return layer
  throw new LibpodError('IMAGE_INVALID', `no layer left for non-empty history entry of image ${image}`, {
    subject: image,
  })
}
