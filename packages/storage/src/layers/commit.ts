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
import { makeRecorded, type Recorded } from './create.ts'
import type { Writing } from './device.ts'
import { storedLayer } from './find.ts'
import type { AppliedLayer, CommitLayer, Layer, LayerId, LayerToc } from './layers.ts'
import { isBelowMount } from './mounts.ts'
import { sweepIncomplete, tarSplitFile } from './sweep.ts'
import { makeTemporary } from './temporary.ts'

/** A layer's files, ready to be moved into place. */
export interface Unpacked {
  /** Absent where nothing is synced. */
  readonly writing: Writing | undefined
  readonly directory: string
  readonly tarSplit: string
  readonly applied: AppliedLayer
}

export interface Commit {
  readonly unpacked: Unpacked
  readonly as: CommitLayer
}

/** Syncs outside the locks, then renames and records within them: all in one change, each after the one it lies on. */
export async function commitLayers(room: Room, commits: readonly Commit[]): Promise<readonly Layer[]> {
  const found = commits.map(({ as, unpacked }) => whole(room, storedLayer(room, as.id), unpacked))
  if (found.every(layer => layer !== undefined)) return found.map(layer => toLayer(layer, 'no'))
  // All of them: what is there by now may be gone before the lock is had.
  for (const { unpacked } of commits) await unpacked.writing?.held()
  const stored = await room.layers.table.change(draft => recordAll(room, draft, commits))
  return stored.map(layer => toLayer(layer, 'no'))
}

function recordAll(room: Room, draft: Draft<StoredLayer>, commits: readonly Commit[]): readonly StoredLayer[] {
  sweepIncomplete(room, draft)
  const fresh: Recorded[] = []
  const layers = commits.map(commit => {
    const { unpacked, as } = commit
    const known = existing(draft.find(as.id), unpacked.applied)
    if (known) return whole(room, known, unpacked) ?? mend(room, draft, { unpacked, layer: known })
    const made = recorded(room, commit)
    fresh.push(made)
    return made.record
  })
  makeRecorded(room, draft, fresh)
  return layers
}

/** The layer as it stands, if its files do too. @throws StorageError ID_IN_USE when the id holds other content */
function whole(room: Room, known: StoredLayer | undefined, { applied }: Unpacked): StoredLayer | undefined {
  const same = existing(known, applied)
  return same && room.driver.has(same.id) ? same : undefined
}

/** @throws StorageError ID_IN_USE when the id holds other content */
function existing(known: StoredLayer | undefined, applied: AppliedLayer): StoredLayer | undefined {
  const diffId = known?.['diff-digest']
  if (known === undefined || diffId === undefined || diffId === applied.diffId) return known
  throw new StorageError('ID_IN_USE', `layer ${known.id} exists already with other content`, { subject: known.id })
}

function recorded(room: Room, { unpacked, as }: Commit): Recorded {
  const record = plan(unpacked.applied, as)
  return {
    record,
    place: room.options.imageStore ? imageStoreFile : 0,
    make: () => {
      moveIn(room, unpacked, record)
      for (const item of tocItems(as.toc)) writeBigData(join(room.layers.directory, record.id), item)
    },
  }
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

/** Puts other files of the same content in the place of a layer's, unless it is gone or mounted by then. */
export async function replaceLayer(room: Room, { unpacked, as }: Commit): Promise<void> {
  await unpacked.writing?.held()
  await room.layers.table.change(draft => {
    const layer = existing(draft.find(as.id), unpacked.applied)
    if (layer === undefined || isBelowMount(room, layer.id)) return
    using trash = makeTemporary(room.driver.staging)
    room.driver.retire(layer.id, trash.path)
    mend(room, draft, { unpacked, layer })
  })
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
