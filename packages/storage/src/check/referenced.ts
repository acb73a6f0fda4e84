import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'

/** Every layer that an image or a container stands on. */
export function referencedLayers(room: Room): ReadonlySet<string> {
  const parents = new Map(room.layers.table.read().map(each => [each.id, each.parent]))
  const images = [room.images, ...room.readOnly.map(each => each.images)].flatMap(each => each.table.read())
  const tops = [
    ...images.flatMap(each => [each.layer, ...(each['mapped-layers'] ?? [])]),
    ...room.containers.table.read().map(each => each.layer),
  ]
  const used = new Set<string>()
  for (const top of tops) {
    for (let id = top; id !== undefined && id !== '' && !used.has(id); id = parents.get(id)) used.add(id)
  }
  return used
}

/** Every layer's record, those of the stores it reads included. */
export function layersById(room: Room): ReadonlyMap<string, StoredLayer> {
  const tables = [...room.readOnly.map(each => each.layers), room.layers].map(each => each.table)
  return new Map(tables.flatMap(table => table.read()).map(each => [each.id, each]))
}
