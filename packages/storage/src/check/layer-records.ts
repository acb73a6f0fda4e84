import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Digest } from '../digest.ts'
import { isStorageError } from '../errors.ts'
import { chainId } from '../layers/chain-id.ts'
import { tarSplitFile } from '../layers/sweep.ts'
import { isId } from '../records/id.ts'
import { isNear, nearest } from '../records/near.ts'
import type { StoredContainer, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'
import { reassemble } from '../tar/reassemble.ts'
import { Tally } from '../tar/tally.ts'
import type { Problem } from './problems.ts'

/**
 * Under the layers' write lock: lost records of layers are made anew, and damaged ones put right. Nothing is taken on
 * trust: a layer's id must follow from its content, or something whole must need it.
 */
export async function mendLayers(room: Room, draft: Draft<StoredLayer>, problems: readonly Problem[]): Promise<void> {
  const files = layerDirectories(room)
  const ids = [...new Set([...draft.all().map(each => each.id), ...files])]
  for (const id of files.filter(each => !draft.find(each))) await restore(room, draft, { id, ids })
  restoreNeeded(room, draft, files)
  const wrong = new Set(problems.filter(each => each.kind === 'layer-content-wrong').map(each => each.subject))
  for (const layer of draft.all()) {
    mendParent(room, draft, layer)
    if (wrong.has(layer.id) || !isUsual(layer)) await mendContent(room, draft, { id: layer.id, ids })
  }
  draft.save()
}

interface Lost {
  readonly id: string
  /** Every id that a layer has, recorded or not. */
  readonly ids: readonly string[]
}

/** What is known by its content, or had this id but for a few digits, or is the layer that a container wants. */
async function restore(room: Room, draft: Draft<StoredLayer>, { id, ids }: Lost): Promise<void> {
  const content = await contentOf(room, id)
  const place = content && placeOf(id, content.digest, ids)
  const ghost = draft.all().find(each => !room.driver.has(each.id) && isNear(each.id, id))
  if (ghost) draft.replace(place ? { ...ghost, id, ...place, ...said(content) } : { ...ghost, id }, ghost.id)
  else if (content && place) draft.insert({ id, ...place, created: timeOf(room, id), ...said(content) })
  else {
    const layer = containerLayer(room, id) ?? mappedCopy(room, id)
    if (layer) draft.insert(layer)
  }
}

interface Content {
  readonly digest: Digest
  readonly size: number
}

const said = ({ digest, size }: Content) => ({ 'diff-digest': digest, 'diff-size': size })

/** The layer's tar; undefined when it cannot be put together again. */
async function contentOf(room: Room, id: string): Promise<Content | undefined> {
  const record = tarSplitFile(room.layers.directory, id)
  if (!existsSync(record) || !room.driver.has(id)) return undefined
  const tally = new Tally()
  try {
    const directories = [room.driver.diffPath(id), ...room.driver.lowerPaths(id)]
    for await (const chunk of reassemble({ record, directories })) tally.add(chunk)
    return tally.end()
  } catch {
    return undefined
  }
}

/** The parent for which the id is that of the content; undefined when it is for none. */
function placeOf(id: string, digest: Digest, ids: readonly string[]): Pick<StoredLayer, 'parent'> | undefined {
  if (chainId(undefined, digest) === id) return {}
  const parent = ids.find(each => chainId(each, digest) === id)
  return parent === undefined ? undefined : { parent }
}

/** Under the layers' write lock: files that say where layers stand are written as the records say, parents first. */
export function restackLayers(room: Room, layers: readonly StoredLayer[]): void {
  const known = new Map(layers.map(each => [each.id, each]))
  const done = new Set<string>()
  const restack = (layer: StoredLayer): void => {
    if (done.has(layer.id)) return
    done.add(layer.id)
    const below = layer.parent === undefined ? undefined : known.get(layer.parent)
    if (below) restack(below)
    if (isStacked(room, layer)) return
    const children = layers.flatMap(each => (each.parent === layer.id ? [each.id] : []))
    room.driver.restack?.(layer.id, { parent: layer.parent || undefined, children })
  }
  for (const layer of layers) restack(layer)
}

/** Whether the layer's files agree with its record, as far as both are there. */
export function isStacked(room: Room, { id, parent }: StoredLayer): boolean {
  const { driver } = room
  if (!driver.isStacked || !driver.has(id) || (parent && !isThere(room, parent))) return true
  return driver.isStacked(id, parent || undefined)
}

function isThere(room: Room, id: string): boolean {
  try {
    return existsSync(room.driver.diffPath(id))
  } catch (error) {
    if (isStorageError(error)) return false
    throw error
  }
}

/** Whether a record's id is the one that its parent and its digest give. */
export const isUsual = ({ id, parent, 'diff-digest': digest }: StoredLayer): boolean =>
  digest !== undefined && chainId(parent || undefined, digest) === id

/** Puts the parent and the digest right that the layer's content proves. Nothing else is changed. */
async function mendContent(room: Room, draft: Draft<StoredLayer>, { id, ids }: Lost): Promise<void> {
  const record = draft.find(id)
  const content = await contentOf(room, id)
  if (record === undefined || content === undefined) return
  const place = placeOf(id, content.digest, ids)
  const recorded = record['diff-digest']
  const { parent: _parent, ...rest } = record
  if (place) draft.replace({ ...rest, ...place, ...said(content) })
  else if (recorded !== undefined && (recorded === content.digest || isNear(recorded, content.digest)))
    draft.replace({ ...record, ...said(content) })
}

/** What a container wrote has no tar to be known by; its container knows it. */
function containerLayer(room: Room, id: string): StoredLayer | undefined {
  const owner = room.containers.table.read().find(each => each.layer === id)
  if (owner === undefined) return undefined
  const image = room.images.table.read().find(each => each.id === owner.image)
  const copy = owner.uidmap && image?.['mapped-layers']?.find(each => room.driver.has(each))
  const parent = parentOnDisk(room, id) ?? copy ?? image?.layer
  return { id, ...(parent !== undefined && { parent }), created: owner.created, ...mapsOf(owner) }
}

/** A copy of an image's layer with other owners: a container of that image says which. */
function mappedCopy(room: Room, id: string): StoredLayer | undefined {
  const image = room.images.table.read().find(each => each['mapped-layers']?.includes(id))
  const user = room.containers.table.read().find(each => each.image === image?.id && each.uidmap !== undefined)
  if (image?.layer === undefined || user === undefined) return undefined
  return { id, parent: parentOnDisk(room, id) ?? image.layer, created: timeOf(room, id), ...mapsOf(user) }
}

const mapsOf = ({ uidmap, gidmap }: StoredContainer): Pick<StoredLayer, 'uidmap' | 'gidmap'> => ({
  ...(uidmap && { uidmap }),
  ...(gidmap && { gidmap }),
})

/** Layers under those that have a record: whatever they are, something stands on them. */
function restoreNeeded(room: Room, draft: Draft<StoredLayer>, files: readonly string[]): void {
  const lost = new Set(files.filter(id => !draft.find(id)))
  for (const layer of draft.all()) {
    for (let id = parentOnDisk(room, layer.id); id !== undefined && lost.has(id); id = parentOnDisk(room, id)) {
      lost.delete(id)
      const parent = parentOnDisk(room, id)
      draft.insert({ id, ...(parent !== undefined && { parent }), created: timeOf(room, id) })
    }
  }
}

function mendParent(room: Room, draft: Draft<StoredLayer>, layer: StoredLayer): void {
  if (isUsual(layer)) return
  const known = new Set(draft.all().map(each => each.id))
  const onDisk = parentOnDisk(room, layer.id)
  const isLost = layer.parent !== undefined && !known.has(layer.parent)
  const parent = onDisk ?? (isLost ? nearest(layer.parent ?? '', known) : layer.parent)
  if (parent !== undefined && parent !== layer.parent && known.has(parent)) draft.replace({ ...layer, parent })
}

/** The layer on which the driver puts this one; undefined when it keeps none, or cannot tell. */
export function parentOnDisk(room: Room, id: string): string | undefined {
  try {
    const own = room.driver.diffPath(id)
    const lower = room.driver.lowerPaths(id).find(path => dirname(path) !== dirname(own))
    const parent = lower && basename(dirname(realpathSync(lower)))
    return isId(parent) ? parent : undefined
  } catch (error) {
    if (isStorageError(error) || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function timeOf(room: Room, id: string): string {
  const record = tarSplitFile(room.layers.directory, id)
  return statSync(existsSync(record) ? record : room.driver.diffPath(id)).mtime.toISOString()
}

function layerDirectories(room: Room): readonly string[] {
  const { home, imageHome, name } = room.driver
  const places = [...new Set([home, imageHome])].map(place => (name === 'vfs' ? `${place}/dir` : place))
  return places.flatMap(place => (existsSync(place) ? readdirSync(place) : [])).filter(isId)
}
