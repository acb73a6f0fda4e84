import { join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { BigDataItem } from '../images/images.ts'
import { withBigData, writeBigData } from '../records/big-data.ts'
import { bigDataFile } from '../records/big-data-name.ts'
import { lookup, uniqueNames } from '../records/id.ts'
import type { StoredContainer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'

/** By id, name, layer or unique id prefix. @throws StorageError AMBIGUOUS_ID */
export function findContainer(records: readonly StoredContainer[], text: string): StoredContainer | undefined {
  const exact = records.find(each => each.id === text) ?? records.find(each => each.names?.includes(text))
  return exact ?? records.find(each => each.layer === text) ?? lookup(records, text)
}

/** @throws StorageError CONTAINER_UNKNOWN */
export function needContainer(records: readonly StoredContainer[], id: string): StoredContainer {
  const found = findContainer(records, id)
  if (found) return found
  throw new StorageError('CONTAINER_UNKNOWN', `container ${id} is not known`, { subject: id })
}

type Change = (container: StoredContainer, draft: Draft<StoredContainer>) => StoredContainer

async function edit(room: Room, id: string, change: Change): Promise<void> {
  await room.containers.table.change(draft => {
    draft.replace(change(needContainer(draft.all(), id), draft))
    draft.save()
  })
}

/** Gives the container exactly these names, taking them from whoever has them. */
export function setNames(room: Room, id: string, names: readonly string[]): Promise<void> {
  const wanted = uniqueNames(names)
  return edit(room, id, (container, draft) => {
    for (const other of draft.all()) {
      if (other.id === container.id || !other.names?.some(name => wanted.includes(name))) continue
      draft.replace({ ...other, names: other.names.filter(name => !wanted.includes(name)) })
    }
    return { ...container, names: wanted }
  })
}

export function setMetadata(room: Room, id: string, metadata: string): Promise<void> {
  return edit(room, id, container => ({ ...container, metadata }))
}

export function setBigData(room: Room, id: string, item: BigDataItem): Promise<void> {
  bigDataFile(item.key)
  return edit(room, id, container => {
    writeBigData(join(room.containers.directory, container.id), item)
    return { ...container, ...withBigData(container, item) }
  })
}
