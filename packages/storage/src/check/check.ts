import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Call } from '../call.ts'
import { tocKey } from '../chunked/toc.ts'
import { hasTarSplit, recordStaging } from '../layers/sweep.ts'
import { staleTemporaries } from '../layers/temporary.ts'
import { fileOfKey } from '../records/big-data-name.ts'
import { isId } from '../records/id.ts'
import type { StoredLayer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import { contentProblems } from './content.ts'
import { wrongData, wrongFields } from './image-record.ts'
import { readItems } from './image-records.ts'
import { isStacked, isUsual, parentOnDisk } from './layer-records.ts'
import { type Problem, type ProblemKind, problem } from './problems.ts'
import { layersById, referencedLayers } from './referenced.ts'
import { unreadableFiles } from './salvage.ts'

export interface CheckOptions extends Call<{ readonly layer: string }> {
  /** `records`: records, files and their sizes. `content` (the default) also reads every layer and compares its digest. */
  readonly depth?: 'records' | 'content'
  /** How old, in milliseconds, a layer may be that no image and no container needs; a day when left out. */
  readonly unreferencedFor?: number
}

const day = 24 * 60 * 60 * 1000

/** Everything that is wrong, in the order layers, images, containers, leftovers. Changes nothing. */
export async function findProblems(room: Room, options: CheckOptions = {}): Promise<readonly Problem[]> {
  const unreadable = unreadableFiles(room)
  if (unreadable.length > 0) return unreadable
  const shape = await undisturbed(room, () => [
    ...layerProblems(room),
    ...unreferenced(room, options.unreferencedFor ?? day),
    ...imageProblems(room),
    ...containerProblems(room),
    ...leftovers(room),
  ])
  if (options.depth === 'records') return shape
  const broken = new Set(shape.map(each => each.subject))
  const content: Problem[] = []
  for (const layer of room.layers.table.read()) {
    options.signal?.throwIfAborted()
    if (broken.has(layer.id) || !hasTar(room, layer)) continue
    options.onProgress?.({ layer: layer.id })
    const found = await contentProblems(room, layer, options)
    // One that was removed while it was read is no damage.
    if (room.layers.table.read().some(each => each.id === layer.id)) content.push(...found)
  }
  return [...shape, ...content]
}

/** What a container writes is no tar; of a layer that came in parts there need be no record of its tar. */
const hasTar = (room: Room, layer: StoredLayer): boolean =>
  hasTarSplit(room, layer.id) || (layer['diff-digest'] !== undefined && !layer['big-data-names']?.includes(tocKey))

/** Records and files are looked at together while nobody is between the two. */
async function undisturbed<T>(room: Room, look: () => T): Promise<T> {
  return await room.layers.table.lock.hold('read', () =>
    room.images.table.lock.hold('read', () => room.containers.table.lock.hold('read', look)),
  )
}

function layerProblems(room: Room): Problem[] {
  const known = layersById(room)
  return room.layers.table.read().flatMap(layer => {
    const { id, parent, flags } = layer
    if (flags?.incomplete) return [problem('layer-incomplete', id, 'was never finished')]
    const found: Problem[] = []
    if (!room.driver.has(id)) found.push(problem('layer-files-missing', id, 'has no files'))
    const below = isUsual(layer) ? parent : (parentOnDisk(room, id) ?? parent)
    if (parent && !known.has(parent)) found.push(problem('layer-parent-missing', id, `needs layer ${parent}`))
    else if (below !== parent && below !== undefined && known.has(below))
      found.push(problem('layer-parent-missing', id, `stands on layer ${below}, which its record does not say`))
    else if (!isStacked(room, layer))
      found.push(problem('layer-stack-wrong', id, 'its link or its list of lower layers is wrong'))
    for (const key of layer['big-data-names'] ?? [])
      if (itemSize(join(room.layers.directory, id), key) === undefined)
        found.push(problem('layer-data-missing', id, `its item ${JSON.stringify(key)} is missing`))
    return found
  })
}

function unreferenced(room: Room, age: number): Problem[] {
  const used = referencedLayers(room)
  const old = room.layers.table
    .read()
    .filter(each => !used.has(each.id) && !each.flags?.incomplete && !(Date.now() - Date.parse(each.created) < age))
  return old.map(each => problem('layer-unreferenced', each.id, 'is needed by no image and no container'))
}

/** Bytes of an item; undefined when it is not there, or its key is damaged into one that no file can have. */
function itemSize(directory: string, key: string): number | undefined {
  const file = fileOfKey(key)
  return file === undefined ? undefined : statSync(join(directory, file), { throwIfNoEntry: false })?.size
}

function imageProblems(room: Room): Problem[] {
  const layers = layersById(room)
  return room.images.table.read().flatMap(image => {
    const missing = [image.layer, ...(image['mapped-layers'] ?? [])].filter(id => id !== undefined && !layers.has(id))
    const items = readItems(join(room.images.directory, image.id))
    return [
      ...missing.map(id => problem('image-layer-missing', image.id, `needs layer ${id}`)),
      ...wrongData(image, items).map(({ kind, detail }) => problem(`image-${kind}`, image.id, detail)),
      ...wrongFields(image, items, layers).map(what => problem('image-record-wrong', image.id, what)),
    ]
  })
}

function containerProblems(room: Room): Problem[] {
  const layers = new Set(room.layers.table.read().map(each => each.id))
  const images = new Set(
    [room.images, ...room.readOnly.map(each => each.images)].flatMap(each => each.table.read()).map(each => each.id),
  )
  return room.containers.table.read().flatMap(container => {
    const { id, layer, image } = container
    return [
      ...(layers.has(layer) ? [] : [problem('container-layer-missing', id, `needs layer ${layer}`)]),
      ...(image === '' || images.has(image) ? [] : [problem('container-image-missing', id, `needs image ${image}`)]),
      ...wrongData(container, readItems(join(room.containers.directory, id))).map(({ kind, detail }) =>
        problem(`container-${kind}`, id, detail),
      ),
    ]
  })
}

function leftovers(room: Room): Problem[] {
  const unused = (kind: ProblemKind, directory: string, known: readonly { readonly id: string }[]): Problem[] => {
    const ids = new Set(known.map(each => each.id))
    const strangers = list(directory).filter(name => isId(name.slice(0, 64)) && !ids.has(name.slice(0, 64)))
    return strangers.map(name => problem(kind, join(directory, name), 'belongs to no record'))
  }
  const layers = room.layers.table.read()
  const { home, imageHome, name } = room.driver
  const places = [...new Set([home, imageHome])].map(place => (name === 'vfs' ? join(place, 'dir') : place))
  return [
    ...places.flatMap(place => unused('layer-unused-files', place, layers)),
    ...unused('layer-unused-files', room.layers.directory, layers),
    ...unused('image-unused-files', room.images.directory, room.images.table.read()),
    ...unused('container-unused-files', room.containers.directory, room.containers.table.read()),
    ...[room.driver.staging, recordStaging(room)]
      .flatMap(staleTemporaries)
      .map(path => problem('leftover', path, `${basename(path)} has no owner`)),
    ...staleMounts(room),
  ]
}

function staleMounts(room: Room): Problem[] {
  const gone = room.mounts.read().filter(each => each.count > 0 && !room.driver.isMounted(each.id))
  return gone.map(each =>
    problem('mount-stale', each.id, `is counted as mounted ${each.count} times but is not mounted`),
  )
}

const list = (directory: string): readonly string[] => (existsSync(directory) ? readdirSync(directory) : [])
