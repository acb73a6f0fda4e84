import type { LayerCompression } from '../manifest/layer-type.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import type { DestinationWants } from '../transports/transport.ts'
import type { CopyOptions } from './options.ts'

/** What happens to a layer's bytes on their way: nothing, or they end up in another compression. */
export type LayerChange = 'none' | { readonly to: LayerCompression }

/** Decides by what the destination wants and what was asked for; `may` is no when digests must stay. */
export function planLayer(
  found: LayerCompression,
  wants: DestinationWants['layers'],
  options: Pick<CopyOptions, 'compression' | 'forceCompression'>,
): LayerChange {
  if (wants === 'uncompressed') return found === 'none' ? 'none' : { to: 'none' }
  const asked = options.compression
  if (asked === 'none') return options.forceCompression === 'yes' && found !== 'none' ? { to: 'none' } : 'none'
  if (found === 'none') return wants === 'compressed' || asked !== undefined ? { to: asked ?? 'gzip' } : 'none'
  const other = asked !== undefined && found !== asked && options.forceCompression === 'yes'
  return other ? { to: asked } : 'none'
}

const types = {
  oci: { image: mediaTypes.ociManifest, index: mediaTypes.ociIndex },
  v2s2: { image: mediaTypes.dockerManifest, index: mediaTypes.dockerList },
} as const

/** The type a manifest is written in: what was asked for, else its own where that is taken, else the first that is. */
export function planManifestType(
  own: string,
  kind: 'image' | 'index',
  wants: DestinationWants,
  format: CopyOptions['format'],
): string {
  if (format === 'oci' || format === 'v2s2') return types[format][kind]
  const accepted = wants.manifestTypes
  if (accepted.length === 0 || accepted.includes(own)) return own
  const usable =
    kind === 'image'
      ? [mediaTypes.dockerManifest, mediaTypes.ociManifest]
      : [mediaTypes.dockerList, mediaTypes.ociIndex]
  return usable.find(type => (accepted as readonly string[]).includes(type)) ?? own
}
