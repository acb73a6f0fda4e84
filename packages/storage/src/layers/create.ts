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
  checkPlace(room, draft, record)
  makeRecorded(room, draft, {
    record,
    place: as.volatile === 'yes' ? volatileFile : 0,
    make: () => room.driver.create(record.id, as.parent),
  })
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
export function checkPlace(room: Room, draft: Draft<StoredLayer>, record: StoredLayer): void {
  const { id, parent, names = [] } = record
  if (parent !== undefined && !draft.find(parent) && !storedLayer(room, parent)) {
    throw new StorageError('LAYER_UNKNOWN', `parent layer ${parent} is not known`, { subject: parent })
  }
  if (draft.find(id)) throw new StorageError('ID_IN_USE', `a layer with id ${id} exists already`, { subject: id })
  const taken = names.find(name => draft.all().some(each => each.names?.includes(name)))
  if (taken) throw new StorageError('NAME_IN_USE', `the layer name ${taken} is in use`, { subject: taken })
}

interface Recorded {
  readonly record: StoredLayer
  /** Which of the layers' files. */
  readonly place: number
  /** Puts the layer's files in place. */
  readonly make: () => void
}

/**
 * Records a layer as incomplete, makes its files, then records it whole: whoever finds an incomplete one under the write
 * lock knows that its maker died, and removes it.
 */
export function makeRecorded(room: Room, draft: Draft<StoredLayer>, { record, place, make }: Recorded): void {
  const { id } = record
  draft.insert({ ...record, flags: { ...record.flags, incomplete: true } }, place)
  draft.save()
  try {
    make()
    draft.replace(record)
    draft.save()
  } catch (error) {
    sweepIncomplete(room, draft, id)
    throw error
  }
}
