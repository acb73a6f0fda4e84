import { ImageError } from '../errors.ts'
import { baseOf, type CompressionFormat } from '../manifest/layer-type.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import type { DestinationWants } from '../transports/transport.ts'
import type { CopyOptions } from './options.ts'

/** What happens to a layer's bytes on their way: nothing, or they end up in another compression. */
export type LayerChange = 'none' | { readonly to: CompressionFormat }

/** Decides by what the destination wants and what was asked for; `may` is no when digests must stay. */
export function planLayer(
  found: CompressionFormat,
  wants: DestinationWants['layers'],
  options: Pick<CopyOptions, 'compression' | 'forceCompression'>,
): LayerChange {
  if (wants === 'uncompressed') return found === 'none' ? 'none' : { to: 'none' }
  const asked = options.compression
  if (asked === 'none') return options.forceCompression === 'yes' && found !== 'none' ? { to: 'none' } : 'none'
  if (found === 'none') return wants === 'compressed' || asked !== undefined ? { to: asked ?? 'gzip' } : 'none'
  // A layer with a table of contents is also what is wanted without.
  const same = asked === undefined || found === asked || baseOf(found) === asked
  return same || options.forceCompression !== 'yes' ? 'none' : { to: asked }
}

const types = {
  oci: { image: mediaTypes.ociManifest, index: mediaTypes.ociIndex },
  v2s2: { image: mediaTypes.dockerManifest, index: mediaTypes.dockerList },
  v2s1: { image: mediaTypes.dockerSchema1Signed, index: mediaTypes.dockerList },
} as const

/** What is written when the own type is not taken, the preferred first: a schema 1 image names the place it lies in. */
const known = {
  image: [mediaTypes.dockerManifest, mediaTypes.dockerSchema1Signed, mediaTypes.ociManifest],
  index: [mediaTypes.dockerList, mediaTypes.ociIndex],
} as const

/**
 * The types a manifest may be written in, in the order to be tried: what was asked for alone, else its own where that is
 * taken, then the others that the destination takes. @throws ImageError COPY_UNSUPPORTED
 */
export function manifestTypes(
  own: string,
  kind: 'image' | 'index',
  plan: { readonly wants: DestinationWants; readonly format: CopyOptions['format'] },
): readonly [string, ...string[]] {
  const accepted = plan.wants.manifestTypes
  if (plan.format === 'v2s1' && accepted.length > 0)
    throw new ImageError('COPY_UNSUPPORTED', 'the destination does not take schema 1 manifests')
  if (plan.format !== undefined) return [types[plan.format][kind]]
  const taken = (type: string): boolean => accepted.length === 0 || accepted.includes(type)
  const [first = own, ...rest] = [own, ...known[kind].filter(type => type !== own)].filter(taken)
  return [first, ...rest]
}
