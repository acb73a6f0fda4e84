import { ImageError } from '../errors.ts'
import type { Descriptor } from './descriptor.ts'
import { inFamily } from './layer-type.ts'
import type { ImageManifest, IndexManifest } from './manifest.ts'
import { mediaTypes } from './media-types.ts'

/** The family of documents a manifest type belongs to. */
export const familyOf = (mediaType: string): 'oci' | 'docker' =>
  mediaType.startsWith('application/vnd.oci.') ? 'oci' : 'docker'

/**
 * Says the same image in the other family's types; config and layer bytes stay.
 * @throws ImageError COPY_UNSUPPORTED for what docker's types cannot say
 */
export function convertImageManifest(manifest: ImageManifest, mediaType: string): ImageManifest {
  const family = familyOf(mediaType)
  if (manifest.mediaType === mediaType) {
    for (const layer of manifest.layers) requireType(layer, family)
    return manifest
  }
  if (family === 'docker' && manifest.config.mediaType !== mediaTypes.ociConfig) {
    throw new ImageError('COPY_UNSUPPORTED', `a ${manifest.config.mediaType} artifact cannot be a ${mediaType}`)
  }
  const config = { ...manifest.config, mediaType: family === 'oci' ? mediaTypes.ociConfig : mediaTypes.dockerConfig }
  return { kind: 'image', mediaType, config, layers: manifest.layers.map(layer => convertLayer(layer, family)) }
}

function requireType(layer: Descriptor, family: 'oci' | 'docker'): string {
  const mediaType = inFamily(layer.mediaType, family)
  if (mediaType !== undefined) return mediaType
  throw new ImageError('COPY_UNSUPPORTED', `layer type ${layer.mediaType} cannot be said in a docker manifest`, {
    hint: 'choose the oci format or gzip compression',
  })
}

function convertLayer(layer: Descriptor, family: 'oci' | 'docker'): Descriptor {
  const mediaType = requireType(layer, family)
  const { digest, size, urls, annotations } = layer
  const said = family === 'oci' && annotations !== undefined ? { annotations } : {}
  return { mediaType, digest, size, ...(urls !== undefined && { urls }), ...said }
}

/** An index in the other family's types, its instances already converted. */
export function convertIndex(index: IndexManifest, mediaType: string): IndexManifest {
  if (index.mediaType === mediaType) return index
  return { kind: 'index', mediaType, manifests: index.manifests }
}
