import { join } from 'node:path'
import type { Digest } from '../digest.ts'
import { StorageError } from '../errors.ts'
import { storedLayer } from '../layers/find.ts'
import { randomId } from '../random-id.ts'
import { markChange } from '../records/atomic-write.ts'
import { withBigData, writeBigData } from '../records/big-data.ts'
import { bigDataFile } from '../records/big-data-name.ts'
import { present, toImage } from '../records/convert.ts'
import { checkId, uniqueNames } from '../records/id.ts'
import type { StoredBigData, StoredImage } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { removeTree } from '../rooted/remove.ts'
import type { BigDataItem, CreateImage, ImageRecord } from './images.ts'

/** Records an image and writes its data, all under the images' lock. */
export async function createImage(room: Room, as: CreateImage): Promise<ImageRecord> {
  const record = plan(as)
  const work = (): Promise<ImageRecord> =>
    room.images.table.change(draft => insert(room, draft, record, as.bigData ?? []))
  if (as.layer === undefined) return await work()
  return await room.layers.table.lock.hold('read', () => {
    if (storedLayer(room, as.layer ?? '')) return work()
    throw new StorageError('LAYER_UNKNOWN', `layer ${as.layer} is not known`, { subject: as.layer ?? '' })
  })
}

function plan(as: CreateImage): StoredImage {
  const names = uniqueNames(as.names ?? [])
  const items = as.bigData ?? []
  for (const item of items) bigDataFile(item.key)
  const data = items.reduce<StoredBigData>((fields, item) => withBigData(fields, item), {})
  return present<StoredImage>({
    id: checkId(as.id ?? randomId()),
    digest: as.digest ?? firstManifestDigest(data),
    names: names.length ? names : undefined,
    'names-history': names.length ? names : undefined,
    layer: as.layer,
    metadata: as.metadata || undefined,
    ...data,
    created: time(as.created),
  })
}

/** A text keeps its digits beyond milliseconds. */
const time = (created: Date | string = new Date()): string =>
  typeof created === 'string' ? created : created.toISOString()

export function firstManifestDigest(data: StoredBigData): Digest | undefined {
  const key = data['big-data-names']?.find(each => each.startsWith('manifest'))
  return key === undefined ? undefined : data['big-data-digests']?.[key]
}

function insert(
  room: Room,
  draft: Draft<StoredImage>,
  record: StoredImage,
  items: readonly BigDataItem[],
): ImageRecord {
  const { id, names = [] } = record
  if (draft.find(id)) throw new StorageError('ID_IN_USE', `an image with id ${id} exists already`, { subject: id })
  const taken = names.find(name => draft.all().some(each => each.names?.includes(name)))
  if (taken) throw new StorageError('NAME_IN_USE', `the name ${taken} is another image's`, { subject: taken })
  const directory = join(room.images.directory, id)
  using _mark = markChange(room.images.directory, id)
  try {
    draft.announce()
    // No record names this directory yet: whatever is in it, a crash left.
    removeTree(directory)
    for (const item of items) writeBigData(directory, item)
    draft.insert(record)
    draft.save()
  } catch (error) {
    removeTree(directory)
    throw error
  }
  return toImage(record, 'no')
}
