import { readdirSync } from 'node:fs'
import { isId } from '../records/id.ts'
import type { Stored } from '../records/record-file.ts'
import type { StoredImage, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { type Problem, problem } from './problems.ts'
import { rebuildImage, rebuildLayer } from './rebuild.ts'

/** Record files that are no list of records. Nothing else can be judged while there are any. */
export function unreadableFiles(room: Room): readonly Problem[] {
  return tables(room)
    .flatMap(table => table.unreadable())
    .map(path => problem('records-unreadable', path, 'is no list of records'))
}

const tables = (room: Room) => [room.layers.table, room.images.table, room.containers.table, room.mounts]

/**
 * Writes what can be read of damaged record files, the damaged ones kept beside them as `*.damaged`, and makes the lost
 * records of whole layers and images anew; what `problems` say of an image's items is put right from its files.
 */
export async function salvage(room: Room, problems: readonly Problem[]): Promise<void> {
  for (const table of tables(room)) await table.salvage()
  await room.layers.table.change(draft => rebuildLayers(room, draft))
  await room.images.table.change(draft => {
    const layers = new Set(room.layers.table.read().map(each => each.id))
    for (const id of strangers(room.images.directory, draft.all())) {
      const image = rebuildImage(room, id, layers)
      if (image) draft.insert(image)
    }
    for (const { kind, subject } of problems) {
      const old = kind === 'image-data-wrong' || kind === 'image-layer-missing' ? draft.find(subject) : undefined
      const image = old && rebuildImage(room, subject, layers)
      if (old && image) draft.replace({ ...image, ...said(old) })
    }
    draft.save()
  })
}

/** What no file of an image tells. */
function said(image: StoredImage): Partial<StoredImage> {
  const { names, 'names-history': history, metadata, created } = image
  return {
    ...(names && { names }),
    ...(history && { 'names-history': history }),
    ...(metadata && { metadata }),
    created,
  }
}

async function rebuildLayers(room: Room, draft: Draft<StoredLayer>): Promise<void> {
  const lost = layerDirectories(room).filter(id => !draft.find(id))
  const all = [...draft.all().map(each => each.id), ...lost]
  for (const id of lost) {
    const layer = (await rebuildLayer(room, id, all)) ?? containerLayer(room, id)
    if (layer) draft.insert(layer)
  }
  draft.save()
}

/** What a container wrote has no tar to be known by; its container knows it. */
function containerLayer(room: Room, id: string): StoredLayer | undefined {
  const owner = room.containers.table.read().find(each => each.layer === id)
  if (owner === undefined) return undefined
  const parent = room.images.table.read().find(each => each.id === owner.image)?.layer
  return { id, ...(parent !== undefined && { parent }), created: owner.created }
}

function layerDirectories(room: Room): readonly string[] {
  const { home, imageHome, name } = room.driver
  return [...new Set([home, imageHome])].flatMap(place => list(name === 'vfs' ? `${place}/dir` : place)).filter(isId)
}

function strangers(directory: string, records: readonly Stored[]): readonly string[] {
  const known = new Set(records.map(each => each.id))
  return list(directory).filter(name => isId(name) && !known.has(name))
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
