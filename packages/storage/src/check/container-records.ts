import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isId } from '../records/id.ts'
import { nearest } from '../records/near.ts'
import type { StoredContainer, StoredImage, StoredLayer } from '../records/stored.ts'
import type { Draft } from '../records/table.ts'
import type { Room } from '../room.ts'

/** Under the locks of layers and containers: what damaged records of containers pointed to is found again. */
export function mendContainers(room: Room, draft: Draft<StoredContainer>, layers: readonly StoredLayer[]): void {
  const images = [room.images, ...room.readOnly.map(each => each.images)].flatMap(each => each.table.read())
  restoreIds(room, draft)
  for (const container of draft.all()) {
    const free = freeLayers(layers, draft, images)
    const meant = { ...container, image: imageOf(container, layers, images) }
    const layer = layers.some(each => each.id === container.layer) ? container.layer : ownLayer(meant, free, images)
    const image = imageOf({ ...container, layer }, layers, images)
    const mended = { ...container, layer, image, ...nameOf(container, draft) }
    if (JSON.stringify(mended) !== JSON.stringify(container)) draft.replace(mended)
  }
  restoreLost(room, draft, freeLayers(layers, draft, images))
  draft.save()
}

/** Directories of containers in which something lies, without a record. */
export function lostContainers(room: Room, known: (id: string) => boolean): readonly string[] {
  return list(room.containers.directory).filter(id => isId(id) && !known(id) && holdsFiles(room, id))
}

const holdsFiles = (room: Room, id: string): boolean =>
  ['.', 'userdata'].some(name => list(join(room.containers.directory, id, name)).some(each => each !== 'userdata'))

function restoreIds(room: Room, draft: Draft<StoredContainer>): void {
  const { directory } = room.containers
  const strangers = list(directory).filter(id => isId(id) && !draft.find(id))
  for (const container of draft.all()) {
    const id = existsSync(join(directory, container.id)) ? undefined : nearest(container.id, strangers)
    if (id !== undefined && !draft.find(id)) draft.replace({ ...container, id }, container.id)
  }
}

/** Layers that were no tar and are nobody's. */
function freeLayers(
  layers: readonly StoredLayer[],
  draft: Draft<StoredContainer>,
  images: readonly StoredImage[],
): readonly StoredLayer[] {
  const taken = new Set([
    ...draft.all().map(each => each.layer),
    ...images.flatMap(each => [each.layer, ...(each['mapped-layers'] ?? [])]),
    ...layers.map(each => each.parent),
  ])
  return layers.filter(each => !taken.has(each.id) && each['diff-digest'] === undefined)
}

/** Of the layers that are nobody's the one with nearly that id, else the only one (on its image, where that is known). */
function ownLayer(
  { layer, image }: StoredContainer,
  free: readonly StoredLayer[],
  images: readonly StoredImage[],
): string {
  const near = nearest(
    layer ?? '',
    free.map(each => each.id),
  )
  const of = images.find(each => each.id === image)
  const tops = new Set([of?.layer, ...(of?.['mapped-layers'] ?? [])])
  const fit = free.filter(each => of === undefined || (each.parent !== undefined && tops.has(each.parent)))
  return near ?? (fit.length === 1 && fit[0] ? fit[0].id : layer)
}

/** The image with nearly that id, else the only one on whose layer the container's stands; '' stays: it has none. */
function imageOf(
  { image, layer }: Partial<StoredContainer>,
  layers: readonly StoredLayer[],
  images: readonly StoredImage[],
): string {
  if (image === '' || images.some(each => each.id === image)) return image ?? ''
  const parent = layers.find(each => each.id === layer)?.parent
  const fit = images.filter(each => parent && (each.layer === parent || each['mapped-layers']?.includes(parent)))
  const near = nearest(
    image ?? '',
    images.map(each => each.id),
  )
  return near ?? (fit.length === 1 && fit[0] ? fit[0].id : (image ?? ''))
}

/** A container that lost its names has the one its maker noted, when that is free. */
function nameOf({ names, metadata }: StoredContainer, draft: Draft<StoredContainer>): Pick<StoredContainer, 'names'> {
  if (names?.length) return {}
  const name = notedName(metadata ?? '')
  return name === undefined || draft.all().some(each => each.names?.includes(name)) ? {} : { names: [name] }
}

/** `name` in the text that Podman and Buildah keep with a container. */
function notedName(metadata: string): string | undefined {
  try {
    const { name } = JSON.parse(metadata) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}

/** A directory without a record and a layer that is nobody's belong together, when there is one of each. */
function restoreLost(room: Room, draft: Draft<StoredContainer>, free: readonly StoredLayer[]): void {
  const lost = lostContainers(room, id => draft.find(id) !== undefined)
  const [[id], [layer]] = [lost, free]
  if (lost.length !== 1 || free.length !== 1 || !id || !layer) return
  const image = room.images.table.read().find(each => each.layer !== undefined && each.layer === layer.parent)
  draft.insert({ id, image: image?.id ?? '', layer: layer.id, created: layer.created })
}

const list = (directory: string): readonly string[] => (existsSync(directory) ? readdirSync(directory) : [])
