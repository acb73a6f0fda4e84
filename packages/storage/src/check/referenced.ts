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
