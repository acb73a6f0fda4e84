import type { ImageRecord, Layer, Store } from '@libpod/storage'
import type { ImageDocument } from './config.ts'
import { isManifestList, readConfig } from './stored-image.ts'

/** All images and layers, read once, with how they hang together. Configs are read when asked for, once. */
export interface Catalog {
  readonly images: readonly ImageRecord[]
  readonly layers: ReadonlyMap<string, Layer>
  /** Top layer first. */
  chain(image: ImageRecord): readonly Layer[]
  /** The image's config; undefined when it is a list or damaged. */
  document(image: ImageRecord): Promise<ImageDocument | undefined>
  isList(image: ImageRecord): Promise<boolean>
  /** Bytes: every layer of the chain uncompressed, and the documents. */
  size(image: ImageRecord): number
  parent(image: ImageRecord): Promise<ImageRecord | undefined>
  hasChildren(image: ImageRecord): Promise<boolean>
  /** Nameless, and no other image was made from it. */
  isDangling(image: ImageRecord): Promise<boolean>
  isIntermediate(image: ImageRecord): Promise<boolean>
  withTopLayer(layer: string): readonly ImageRecord[]
  childLayers(layer: string): readonly Layer[]
}

/** Reads the two record files; no driver is asked and nothing is mounted. */
export async function readCatalog(store: Store): Promise<Catalog> {
  const [images, layerList] = await Promise.all([store.images.list(), store.layers.list()])
  const layers = new Map(layerList.map(layer => [layer.id, layer]))
  const byTop = Map.groupBy(images, image => image.layer ?? '')
  const byParent = Map.groupBy(layerList, layer => layer.parent ?? '')
  const isList = once((image: ImageRecord) => isManifestList(store, image))
  const document = once(async (image: ImageRecord) =>
    (await isList(image)) ? undefined : readConfig(store, image).catch(() => undefined),
  )
  const sizeBelow = sizes(layers)

  /** Images that may be the next step: on the same layer, or on one right above (below). */
  const related = (image: ImageRecord, way: 'up' | 'down'): readonly ImageRecord[] => {
    const own = byTop.get(image.layer ?? '') ?? []
    const layer = layers.get(image.layer ?? '')
    if (way === 'down')
      return [...own, ...(layer?.parent ? (byTop.get(layer.parent) ?? []) : layer ? (byTop.get('') ?? []) : [])]
    return [...(image.layer ? (byParent.get(image.layer) ?? []).flatMap(each => byTop.get(each.id) ?? []) : []), ...own]
  }
  const parent = async (image: ImageRecord): Promise<ImageRecord | undefined> => {
    const child = await document(image)
    if (!child) return undefined
    for (const other of related(image, 'down')) {
      const candidate = other.id === image.id ? undefined : await document(other)
      if (candidate && isNextStep(candidate, child)) return other
    }
    return undefined
  }
  const hasChildren = once(async (image: ImageRecord) => {
    const candidates = related(image, 'up').filter(other => other.id !== image.id)
    const self = candidates.length === 0 ? undefined : await document(image)
    if (!self) return false
    for (const other of candidates) {
      const child = await document(other)
      if (child && isNextStep(self, child)) return true
    }
    return false
  })

  return {
    images,
    layers,
    chain: image => chainOf(layers, image.layer),
    document,
    isList,
    size: image => sizeBelow(image.layer) + Object.values(image.bigDataSizes).reduce((sum, size) => sum + size, 0),
    parent,
    hasChildren,
    isDangling: async image => image.names.length === 0 && !(await hasChildren(image)),
    isIntermediate: async image => image.names.length === 0 && (await hasChildren(image)),
    withTopLayer: layer => byTop.get(layer) ?? [],
    childLayers: layer => byParent.get(layer) ?? [],
  }
}

function once<T>(work: (image: ImageRecord) => Promise<T>): (image: ImageRecord) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return image => {
    const before = known.get(image.id)
    if (before) return before
    const now = work(image)
    known.set(image.id, now)
    return now
  }
}

function chainOf(layers: ReadonlyMap<string, Layer>, top: string | undefined): readonly Layer[] {
  const chain: Layer[] = []
  for (let layer = layers.get(top ?? ''); layer && chain.length < layers.size; layer = layers.get(layer.parent ?? '')) {
    chain.push(layer)
  }
  return chain
}

/** Sizes of chains, each layer added up once however many images stand on it. */
function sizes(layers: ReadonlyMap<string, Layer>): (top: string | undefined) => number {
  const known = new Map<string, number>()
  return top => {
    const pending = chainOf(layers, top)
    let total = 0
    for (const layer of pending.toReversed()) {
      total = known.get(layer.id) ?? total + Math.max(layer.diffSize ?? 0, 0)
      known.set(layer.id, total)
    }
    return total
  }
}

/** Whether `child` was made from `parent` by one more step. */
export function isNextStep(parent: ImageDocument, child: ImageDocument): boolean {
  if (parent.history.length + 1 !== child.history.length) return false
  if (!parent.diffIds.every((diffId, index) => child.diffIds[index] === diffId)) return false
  return parent.history.every((step, index) => {
    const other = child.history[index]
    return (
      other !== undefined &&
      step.createdBy === other.createdBy &&
      step.comment === other.comment &&
      step.emptyLayer === other.emptyLayer &&
      Date.parse(step.created) === Date.parse(other.created)
    )
  })
}
