import type { Bytes, Call } from '../call.ts'
import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { readImageConfig } from '../manifest/config.ts'
import { configFromSchema1 } from '../manifest/convert-schema1.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatImageManifest } from '../manifest/format.ts'
import { compatibleLayers, emptyLayer, formatSchema1 } from '../manifest/format-schema1.ts'
import { layerCompression, withCompression } from '../manifest/layer-type.ts'
import type { Schema1Manifest } from '../manifest/manifest.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import type { DockerReference } from '../reference/docker-reference.ts'
import type { ImageDestination, ImageSource, RawManifest } from '../transports/transport.ts'
import { decompress, peek, sniffCompression } from './compression.ts'
import { checkBlob, hashing, type Seen } from './verify.ts'

/** A source of a schema 1 image seen as one of a schema 2 image; and the manifest it then has. */
export interface Modernized {
  readonly source: ImageSource
  readonly manifest: RawManifest
}

/** What a schema 1 manifest says of where it lies. */
export const placeOf = (place: DockerReference | undefined) => ({ name: place?.path ?? '', tag: place?.tag ?? '' })

/** An image as one of schema 1, with the layer that stands for a step without files at the destination. */
export async function formatAsSchema1(
  job: { readonly destination: ImageDestination; readonly identity: DockerReference | undefined },
  image: { readonly config: Uint8Array; readonly layers: readonly Descriptor[] },
): Promise<Uint8Array> {
  const zstd = image.layers.find(({ mediaType }) => layerCompression(mediaType) === 'zstd')
  if (zstd !== undefined)
    throw new ImageError('COPY_UNSUPPORTED', `layer ${zstd.digest}: zstd cannot be said in schema 1`)
  const empty = { mediaType: mediaTypes.dockerLayerGzip, digest: digestOf(emptyLayer), size: emptyLayer.length }
  const layers = compatibleLayers(image.config, digestsOf(image.layers), empty.digest)
  if (layers.some(({ digest }) => digest === empty.digest)) await putEmptyLayer(job.destination, empty, layers.length)
  const { architecture } = readImageConfig(image.config)
  return formatSchema1({ ...placeOf(job.identity), architecture, layers })
}

const digestsOf = (layers: readonly Descriptor[]): readonly Digest[] => layers.map(({ digest }) => digest)

async function putEmptyLayer(destination: ImageDestination, layer: Descriptor, index: number): Promise<void> {
  if ((await destination.findLayer(layer, index)) !== undefined) return
  await destination.putLayer(layer, index, part(emptyLayer, 0))
}

/** Reads every layer once to learn what an image config must say of it: old manifests do not tell. */
export async function modernize(source: ImageSource, manifest: Schema1Manifest, call: Call = {}): Promise<Modernized> {
  const layers: Descriptor[] = []
  const diffIds: Digest[] = []
  for (const { digest, throwaway } of manifest.layers) {
    if (throwaway === 'yes') continue
    const read = await readLayer(source, digest, call)
    layers.push(read.descriptor)
    diffIds.push(read.diffId)
  }
  const config = configFromSchema1(manifest, diffIds)
  const described = { mediaType: mediaTypes.dockerConfig, digest: digestOf(config), size: config.length }
  const bytes = formatImageManifest({ kind: 'image', mediaType: mediaTypes.dockerManifest, config: described, layers })
  return { source: withConfig(source, described, config), manifest: { bytes, mediaType: mediaTypes.dockerManifest } }
}

async function readLayer(
  source: ImageSource,
  digest: Digest,
  call: Call,
): Promise<{ descriptor: Descriptor; diffId: Digest }> {
  const blob = { mediaType: mediaTypes.dockerLayerGzip, digest, size: -1 }
  const whole: Seen = { digest: undefined, size: 0 }
  const inside: Seen = { digest: undefined, size: 0 }
  const { head, bytes } = await peek(hashing(await source.blob(blob, 0, call), whole))
  const compression = sniffCompression(head)
  for await (const _ of hashing(decompress(bytes, compression), inside));
  checkBlob(blob, whole.digest, whole.size)
  if (inside.digest === undefined) throw new ImageError('MANIFEST_INVALID', `layer ${digest} cannot be read`)
  const mediaType = withCompression(mediaTypes.dockerLayer, compression === 'zstd' ? 'none' : compression)
  return { descriptor: { mediaType, digest, size: whole.size }, diffId: inside.digest }
}

function withConfig(source: ImageSource, { digest }: Descriptor, config: Uint8Array): ImageSource {
  return {
    parallelBlobs: source.parallelBlobs,
    manifest: (instance, call) => source.manifest(instance, call),
    blob: async (blob, from, call) => (blob.digest === digest ? part(config, from) : source.blob(blob, from, call)),
    signatures: async (instance, call) => (await source.signatures?.(instance, call)) ?? [],
    [Symbol.asyncDispose]: async () => source[Symbol.asyncDispose](),
  }
}

async function* part(bytes: Uint8Array, from: number): Bytes {
  yield bytes.subarray(from)
}
