import type { Digest } from '../digest.ts'
import { chainId } from '../layers/chain-id.ts'
import type { StoredImage, StoredLayer } from '../records/stored.ts'

export type LayersById = ReadonlyMap<string, StoredLayer>

/** Whether the layers from `top` down hold exactly what a config lists. */
export function holds(layers: LayersById, top: string | undefined, diffIds: readonly Digest[]): boolean {
  let id = top
  for (const digest of diffIds.toReversed()) {
    const layer = id === undefined ? undefined : layers.get(id)
    if (layer === undefined || (layer.flags?.['expected-layer-diffid'] ?? layer['diff-digest']) !== digest) return false
    id = layer.parent
  }
  return id === undefined || id === ''
}

/**
 * The layer on which an image with these layers stands: the one it names; else that with the usual id; else one that its
 * mapped copies share a parent with or stand on; else any that is no mapped copy itself.
 */
export function topLayer(layers: LayersById, image: StoredImage, diffIds: readonly Digest[]): string | undefined {
  if (holds(layers, image.layer, diffIds)) return image.layer
  const usual = diffIds.reduce<string | undefined>((parent, digest) => chainId(parent, digest), undefined)
  if (holds(layers, usual, diffIds)) return usual
  const last = diffIds.at(-1)
  const fit = [...layers.values()].filter(each => each['diff-digest'] === last && holds(layers, each.id, diffIds))
  const own = fit.filter(each => !isMapped(each))
  const copies = (image['mapped-layers'] ?? []).map(id => layers.get(id))
  const beside = own.find(({ id, parent }) =>
    copies.some(copy => copy && (copy.parent === id || copy.parent === parent)),
  )
  return (beside ?? own[0])?.id
}

const isMapped = ({ uidmap, gidmap }: StoredLayer): boolean => (uidmap?.length ?? 0) + (gidmap?.length ?? 0) > 0
