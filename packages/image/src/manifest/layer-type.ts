import { mediaTypes } from './media-types.ts'

export type LayerCompression = 'none' | 'gzip' | 'zstd'

/** How layers can be written: `zstd:chunked` is zstd to those who do not read its table of contents. */
export type CompressionFormat = LayerCompression | 'zstd:chunked'

/** What a format is to those who only know compressions. */
export const baseOf = (format: CompressionFormat): LayerCompression => (format === 'zstd:chunked' ? 'zstd' : format)

interface Kind {
  readonly family: 'oci' | 'docker'
  readonly compression: LayerCompression
}

const kinds: Readonly<Record<string, Kind>> = {
  [mediaTypes.ociLayer]: { family: 'oci', compression: 'none' },
  [mediaTypes.ociLayerGzip]: { family: 'oci', compression: 'gzip' },
  [mediaTypes.ociLayerZstd]: { family: 'oci', compression: 'zstd' },
  [mediaTypes.dockerLayer]: { family: 'docker', compression: 'none' },
  [mediaTypes.dockerLayerGzip]: { family: 'docker', compression: 'gzip' },
}

/** Layers that are not to be distributed: both families' names of them. They are moved as they are. */
const foreign: readonly { readonly oci: string; readonly docker?: string }[] = [
  { oci: mediaTypes.ociForeignLayer, docker: mediaTypes.dockerForeignLayer },
  { oci: mediaTypes.ociForeignLayerGzip, docker: mediaTypes.dockerForeignLayerGzip },
  { oci: mediaTypes.ociForeignLayerZstd },
]

/** How a layer type says it is compressed; undefined for a type that is no plain layer's. */
export const layerCompression = (mediaType: string): LayerCompression | undefined =>
  Object.hasOwn(kinds, mediaType) ? kinds[mediaType]?.compression : undefined

/** The type of a layer with another compression, of OCI's where docker has no word for it. Types that are no plain layer's stay. */
export function withCompression(mediaType: string, compression: LayerCompression): string {
  const family = kinds[mediaType]?.family
  return find(family, compression) ?? (family === undefined ? mediaType : (find('oci', compression) ?? mediaType))
}

/** The type of a layer in the other family; undefined when that family cannot say it (zstd in docker's). */
export function inFamily(mediaType: string, family: Kind['family']): string | undefined {
  const names = foreign.find(({ oci, docker }) => oci === mediaType || docker === mediaType)
  if (names !== undefined) return names[family]
  const kind = Object.hasOwn(kinds, mediaType) ? kinds[mediaType] : undefined
  return kind === undefined ? mediaType : find(family, kind.compression)
}

const find = (family: string | undefined, compression: LayerCompression): string | undefined =>
  Object.entries(kinds).find(([, kind]) => kind.family === family && kind.compression === compression)?.[0]
