import { ImageError, isImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatSchema1 } from '../manifest/format-schema1.ts'
import { layerCompression } from '../manifest/layer-type.ts'
import { manifestDigest, type Schema1Manifest } from '../manifest/manifest.ts'
import { isSchema1Type, mediaTypes } from '../manifest/media-types.ts'
import type { DockerReference } from '../reference/docker-reference.ts'
import type { Signature } from '../signature/signature.ts'
import type { RawManifest } from '../transports/transport.ts'
import { type CopyJob, copyInstance, layersMay, putManifest, readSignatures, wouldChange } from './instance.ts'
import { copyLayers } from './layers.ts'
import type { CopyResult } from './options.ts'
import { manifestTypes } from './plan.ts'
import { modernize, placeOf } from './schema1.ts'

interface OldImage {
  readonly raw: RawManifest
  readonly manifest: Schema1Manifest
  readonly signatures: readonly Signature[]
}

/** Copies a schema 1 image: as it is where that is taken, else as an image of today, for which every layer is read once more. */
export async function copySchema1(job: CopyJob, raw: RawManifest, manifest: Schema1Manifest): Promise<CopyResult> {
  const { wants } = job.destination
  const [first, ...others] = manifestTypes(manifest.mediaType, 'image', { wants, format: job.options.format })
  const signatures = await readSignatures(job)
  const stays = layersMay(job, signatures) === 'stay'
  if (isSchema1Type(first) || stays) {
    try {
      return await keepSchema1(job, { raw, manifest, signatures })
    } catch (error) {
      const another = others.length > 0 && isImageError(error, 'MANIFEST_REFUSED', 'COPY_UNSUPPORTED')
      if (stays || !another) throw error
    }
  }
  const { source, manifest: made } = await modernize(job.source, manifest, job.options)
  return copyInstance({ ...job, source }, { manifest: made, as: 'image' })
}

async function keepSchema1(job: CopyJob, { raw, manifest, signatures }: OldImage): Promise<CopyResult> {
  const mayChange = layersMay(job, signatures) === 'stay' ? 'no' : 'yes'
  const described = manifest.layers.map(({ digest }) => ({ mediaType: mediaTypes.dockerLayerGzip, digest, size: -1 }))
  const layers = await copyLayers({ ...job, mayChange, diffIds: [] }, described)
  const changed = rewrite(manifest, layers, job.identity)
  if (changed !== undefined && mayChange === 'no') throw wouldChange(signatures.length)
  const written = changed === undefined ? raw : { bytes: changed, mediaType: mediaTypes.dockerSchema1Signed }
  return putManifest(job, { raw: written, digest: manifestDigest(written.bytes, written.mediaType), signatures })
}

/** The manifest for other layers or another place, which it names; undefined when it may stay. */
function rewrite(
  manifest: Schema1Manifest,
  stored: readonly Descriptor[],
  place: DockerReference | undefined,
): Uint8Array | undefined {
  const { name, tag } = place === undefined ? manifest : placeOf(place)
  const layers = manifest.layers.map((layer, at) => ({ ...layer, digest: stored[at]?.digest ?? layer.digest }))
  const same = layers.every((layer, at) => layer.digest === manifest.layers[at]?.digest)
  if (same && name === manifest.name && tag === manifest.tag) return undefined
  if (stored.some(({ mediaType }) => layerCompression(mediaType) === 'zstd'))
    throw new ImageError('COPY_UNSUPPORTED', 'zstd layers cannot be said in schema 1')
  return formatSchema1({ name, tag, architecture: manifest.architecture, layers })
}
