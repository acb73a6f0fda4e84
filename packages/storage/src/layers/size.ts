import type { Call } from '../call.ts'
import type { Room } from '../room.ts'
import { treeSize } from '../rooted/tree-size.ts'
import { needLayer } from './find.ts'
import type { LayerId } from './layers.ts'

/** Bytes of the layer's tar as recorded; of one that was never a tar, what its files hold. @throws StorageError LAYER_UNKNOWN */
export async function layerSize(room: Room, id: LayerId, call: Pick<Call, 'signal'> = {}): Promise<number> {
  const { 'diff-size': recorded } = needLayer(room, id)
  if (recorded !== undefined && recorded >= 0) return recorded
  if (room.driver.can.nativeDiff) return await treeSize(room.driver.diffPath(id), call)
  const { layerDiff } = await import('./diff.ts')
  let size = 0
  for await (const chunk of layerDiff(room, id, call)) size += chunk.length
  return size
}
