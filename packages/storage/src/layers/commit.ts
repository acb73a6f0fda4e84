import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { tocFormat, tocFormatKey, tocKey } from '../chunked/toc.ts'
import { StorageError } from '../errors.ts'
import type { BigDataItem } from '../images/images.ts'
import { writeBigData } from '../records/big-data.ts'
import { compressionNumber, present, toLayer } from '../records/convert.ts'
import { checkId } from '../records/id.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import { imageStoreFile, type Room } from '../room.ts'
import { checkPlace, makeRecorded } from './create.ts'
import type { Writing } from './device.ts'
import { storedLayer } from './find.ts'
import type { AppliedLayer, CommitLayer, Layer, LayerId, LayerToc } from './layers.ts'
import { sweepIncomplete, tarSplitFile } from './sweep.ts'

/** A layer's files, ready to be moved into place. */
export interface Unpacked {
  /** Absent where nothing is synced. */
  readonly writing: Writing | undefined
  readonly directory: string
  readonly tarSplit: string
  readonly applied: AppliedLayer
}

/** Syncs outside the locks, then renames and records within them. */
export async function commitLayer(room: Room, unpacked: Unpacked, as: CommitLayer): Promise<Layer> {
  const known = existing(storedLayer(room, as.id), unpacked.applied)
  if (known && room.driver.has(known.id)) return toLayer(known, 'no')
  await unpacked.writing?.held()
  return await room.layers.table.change(draft => {
    sweepIncomplete(room, draft)
    const raced = existing(draft.find(as.id), unpacked.applied)
    if (raced && room.driver.has(raced.id)) return toLayer(raced, 'no')
    return toLayer(raced ? mend(room, draft, { unpacked, layer: raced }) : record(room, draft, { unpacked, as }), 'no')
  })
}

/** @throws StorageError ID_IN_USE when the id holds other content */
function existing(known: StoredLayer | undefined, applied: AppliedLayer): StoredLayer | undefined {
  const diffId = known?.['diff-digest']
  if (known === undefined || diffId === undefined || diffId === applied.diffId) return known
  throw new StorageError('ID_IN_USE', `layer ${known.id} exists already with other content`, { subject: known.id })
}

function record(
  room: Room,
  draft: Draft<StoredLayer>,
  { unpacked, as }: { unpacked: Unpacked; as: CommitLayer },
): StoredLayer {
  const layer = plan(unpacked.applied, as)
  checkPlace(room, draft, layer)
  makeRecorded(room, draft, {
    record: layer,
    place: room.options.imageStore ? imageStoreFile : 0,
    make: () => {
      moveIn(room, unpacked, layer)
      for (const item of tocItems(as.toc)) writeBigData(join(room.layers.directory, layer.id), item)
    },
  })
  return layer
}

/** A record whose files were lost gets them back. */
function mend(
  room: Room,
  draft: Draft<StoredLayer>,
  { unpacked, layer }: { unpacked: Unpacked; layer: StoredLayer },
): StoredLayer {
  const children = draft.all().flatMap(each => (each.parent === layer.id ? [each.id] : []))
  room.driver.restore(layer.id, { parent: layer.parent, children }, unpacked.directory)
  moveRecord(room, unpacked, layer.id)
  return layer
}

function moveIn(room: Room, unpacked: Unpacked, { id, parent }: StoredLayer): void {
  room.driver.adopt(id, parent, unpacked.directory)
  moveRecord(room, unpacked, id)
}

function moveRecord(room: Room, { tarSplit }: Unpacked, id: LayerId): void {
  if (existsSync(tarSplit)) renameSync(tarSplit, tarSplitFile(room.layers.directory, id))
}

function tocItems(toc: LayerToc | undefined): readonly BigDataItem[] {
  if (toc === undefined) return []
  return [
    { key: tocFormatKey, data: Buffer.from(tocFormat) },
    { key: tocKey, data: toc.data },
  ]
}

function plan(applied: AppliedLayer, as: CommitLayer): StoredLayer {
  const items = tocItems(as.toc)
  return present<StoredLayer>({
    id: checkId(as.id),
    names: as.names?.length ? as.names : undefined,
    parent: as.parent,
    metadata: as.metadata,
    created: new Date().toISOString(),
    'compressed-diff-digest': as.compressedDigest ?? applied.compressedDigest,
    'compressed-size': as.compressedSize ?? applied.compressedSize,
    'diff-digest': applied.diffId,
    'diff-size': applied.diffSize,
    'toc-digest': as.toc?.digest,
    compression: compressionNumber(applied.compression) || undefined,
    uidset: applied.uids.length ? applied.uids : undefined,
    gidset: applied.gids.length ? applied.gids : undefined,
    'big-data-names': items.length ? items.map(({ key }) => key) : undefined,
  })
}
