import { StorageError } from '../errors.ts'
import { randomId } from '../random-id.ts'
import { present, toStoredMappings } from '../records/convert.ts'
import { checkId } from '../records/id.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import { type Room, volatileFile } from '../room.ts'
import { storedLayer } from './find.ts'
import type { CreateLayer } from './layers.ts'
import { sweepIncomplete } from './sweep.ts'

/** Makes an empty layer, under the layers' write lock. @throws StorageError LAYER_UNKNOWN, ID_IN_USE */
export function createLayer(room: Room, draft: Draft<StoredLayer>, as: CreateLayer): StoredLayer {
  sweepIncomplete(room, draft)
  const record = emptyRecord(as)
  const place = as.volatile === 'yes' ? volatileFile : 0
  makeRecorded(room, draft, [{ record, place, make: () => room.driver.create(record.id, as.parent) }])
  return record
}

function emptyRecord(as: CreateLayer): StoredLayer {
  return present<StoredLayer>({
    id: checkId(as.id ?? randomId()),
    names: as.names?.length ? as.names : undefined,
    parent: as.parent,
    metadata: as.metadata,
    mountlabel: as.mountLabel || undefined,
    created: new Date().toISOString(),
    uidmap: as.mappings?.uids.length ? toStoredMappings(as.mappings.uids) : undefined,
    gidmap: as.mappings?.gids.length ? toStoredMappings(as.mappings.gids) : undefined,
  })
}

/** @throws StorageError LAYER_UNKNOWN for the parent, ID_IN_USE, NAME_IN_USE */
function checkPlace(room: Room, draft: Draft<StoredLayer>, record: StoredLayer): void {
  const { id, parent, names = [] } = record
  if (parent !== undefined && !draft.find(parent) && !storedLayer(room, parent)) {
    throw new StorageError('LAYER_UNKNOWN', `parent layer ${parent} is not known`, { subject: parent })
  }
  if (draft.find(id)) throw new StorageError('ID_IN_USE', `a layer with id ${id} exists already`, { subject: id })
  const taken = names.find(name => draft.all().some(each => each.names?.includes(name)))
  if (taken) throw new StorageError('NAME_IN_USE', `the layer name ${taken} is in use`, { subject: taken })
}

export interface Recorded {
  readonly record: StoredLayer
  /** Which of the layers' files. */
  readonly place: number
  /** Puts the layer's files in place. */
  readonly make: () => void
}

/**
 * Records layers as incomplete, makes their files, each after the one it lies on, then records them whole: whoever finds an
 * incomplete one under the write lock knows that its maker died, and removes it. When one fails, those before it stay.
 * @throws StorageError LAYER_UNKNOWN for a parent, ID_IN_USE, NAME_IN_USE
 */
export function makeRecorded(room: Room, draft: Draft<StoredLayer>, layers: readonly Recorded[]): void {
  if (layers.length === 0) return
  for (const { record, place } of layers) {
    checkPlace(room, draft, record)
    draft.insert({ ...record, flags: { ...record.flags, incomplete: true } }, place)
  }
  draft.save()
  try {
    for (const { record, make } of layers) {
      make()
      draft.replace(record)
    }
    draft.save()
  } catch (error) {
    sweepIncomplete(room, draft, new Set(layers.map(({ record }) => record.id)))
    throw error
  }
}
