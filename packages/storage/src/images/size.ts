import type { Call } from '../call.ts'
import { layerChain } from '../layers/find.ts'
import { layerSize } from '../layers/size.ts'
import type { Room } from '../room.ts'
import { needImage } from './find.ts'
import type { ImageId } from './images.ts'

/** Bytes: the uncompressed size of every layer, and the big data. */
export async function imageSize(room: Room, id: ImageId, call: Pick<Call, 'signal'> = {}): Promise<number> {
  const { image } = needImage(room, id)
  const data = Object.values(image['big-data-sizes'] ?? {}).reduce((sum, size) => sum + size, 0)
  const layers = image.layer === undefined ? [] : layerChain(room, image.layer)
  const sizes = await Promise.all(layers.map(layer => layerSize(room, layer.id, call)))
  return sizes.reduce((sum, size) => sum + size, data)
}
