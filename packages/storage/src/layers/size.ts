import type { Room } from '../room.ts'
import { needLayer } from './find.ts'
import type { LayerId } from './layers.ts'

/** Bytes of the layer's tar: as recorded, else by making it. @throws StorageError LAYER_UNKNOWN */
export async function layerSize(room: Room, id: LayerId): Promise<number> {
  const { 'diff-size': recorded } = needLayer(room, id)
  if (recorded !== undefined && recorded >= 0) return recorded
  const { layerDiff } = await import('./diff.ts')
  let size = 0
  for await (const chunk of layerDiff(room, id)) size += chunk.length
  return size
}
