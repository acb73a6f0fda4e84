import type { Descriptor } from '../../manifest/descriptor.ts'
import type { IndexManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { refName } from './layout.ts'

export const emptyIndex: IndexManifest = { kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [] }

/** The index with one more image; another that had its name loses the name, the same image unnamed is replaced. */
export function withImage(index: IndexManifest, image: Descriptor, name: string | undefined): IndexManifest {
  const others = index.manifests.map(other => (nameOf(other) === name ? unnamed(other) : other))
  const named = name === undefined ? image : { ...image, annotations: { ...image.annotations, [refName]: name } }
  const replaced = others.findIndex(other => isReplaced(other, image))
  return { ...index, manifests: replaced < 0 ? [...others, named] : others.with(replaced, named) }
}

const nameOf = ({ annotations }: Descriptor): string | undefined => annotations?.[refName]

const isReplaced = (other: Descriptor, image: Descriptor): boolean =>
  other.digest === image.digest && nameOf(other) === undefined

function unnamed(descriptor: Descriptor): Descriptor {
  const { annotations, ...rest } = descriptor
  if (annotations?.[refName] === undefined) return descriptor
  const kept = Object.entries(annotations).filter(([key]) => key !== refName)
  return kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) }
}
