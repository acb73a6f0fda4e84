import type { Call } from '../call.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { layerDiff } from './diff.ts'
import { replaceByStaged, stageLayer } from './stage.ts'

/**
 * Writes a layer's files anew from its own tar, whose data must be whole: what was added is gone, what was changed is as
 * the tar says. One that is mounted stays as it is, and so does one that also holds what its parent has, or has its files'
 * owners shifted.
 */
export async function rewriteLayer(room: Room, layer: StoredLayer, call: Pick<Call, 'signal'>): Promise<void> {
  const isOwn = room.driver.can.nativeDiff || layer.parent === undefined
  if (!isOwn || layer.uidmap || layer.gidmap) return
  await using staged = stageLayer(room)
  await staged.apply(layerDiff(room, layer.id, call), call)
  await replaceByStaged(room, { staged, as: { id: layer.id } })
}
