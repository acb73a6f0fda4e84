import { existsSync } from 'node:fs'
import { isStorageError, StorageError } from '../errors.ts'
import { toLayer } from '../records/convert.ts'
import { lookup } from '../records/id.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import type { Layer, LayerId } from './layers.ts'

const complete = (layer: StoredLayer): boolean => layer.flags?.incomplete !== true

/** The records of this store's layers, then of the stores it reads, whatever is half made left out. */
export function* layerShelves(room: Room): Generator<{ records: readonly StoredLayer[]; readOnly: 'yes' | 'no' }> {
  yield { records: room.layers.table.read().filter(complete), readOnly: 'no' }
  for (const other of room.readOnly) yield { records: other.layers.table.read().filter(complete), readOnly: 'yes' }
}

/** By id, name or prefix. @throws StorageError AMBIGUOUS_ID */
export function findLayer(room: Room, text: string): Layer | undefined {
  for (const { records, readOnly } of layerShelves(room)) {
    const found = lookup(records, text)
    if (found) return toLayer(found, readOnly)
  }
  return undefined
}

/** Every layer for which `is` holds; of two with one id the first store's. */
export function findLayers(room: Room, is: (layer: StoredLayer) => boolean): readonly Layer[] {
  const found = new Map<string, Layer>()
  for (const { records, readOnly } of layerShelves(room)) {
    for (const each of records) if (is(each) && !found.has(each.id)) found.set(each.id, toLayer(each, readOnly))
  }
  return [...found.values()]
}

/** The record, by exact id. */
export function storedLayer(room: Room, id: LayerId): StoredLayer | undefined {
  for (const { records } of layerShelves(room)) {
    const found = records.find(each => each.id === id)
    if (found) return found
  }
  return undefined
}

/** @throws StorageError LAYER_UNKNOWN */
export function needLayer(room: Room, id: LayerId): StoredLayer {
  const layer = storedLayer(room, id)
  if (layer) return layer
  throw new StorageError('LAYER_UNKNOWN', `layer ${id} is not known`, { subject: id })
}

/** A layer and everything below it, top first. @throws StorageError LAYER_DAMAGED when a parent's record is missing */
export function layerChain(room: Room, id: LayerId): readonly StoredLayer[] {
  const chain: StoredLayer[] = [needLayer(room, id)]
  for (let parent = chain[0]?.parent; parent; parent = chain.at(-1)?.parent) {
    const next = storedLayer(room, parent)
    if (next === undefined || chain.includes(next)) {
      throw new StorageError('LAYER_DAMAGED', `layer ${id} needs layer ${parent}, which is missing`, { subject: id })
    }
    chain.push(next)
  }
  return chain
}

/** Whether a layer is one of `others` or lies on one; what it lies on being unknown, it may. */
export function standsOn(room: Room, id: LayerId, others: ReadonlySet<LayerId>): boolean {
  if (others.size === 0) return false
  try {
    return layerChain(room, id).some(each => others.has(each.id))
  } catch (error) {
    if (isStorageError(error)) return true
    throw error
  }
}

/** Whether the files of a recorded layer are there, in whichever store. */
export function hasFiles(room: Room, id: LayerId): boolean {
  try {
    return storedLayer(room, id) !== undefined && existsSync(room.driver.diffPath(id))
  } catch (error) {
    if (isStorageError(error, 'LAYER_DAMAGED')) return false
    throw error
  }
}
