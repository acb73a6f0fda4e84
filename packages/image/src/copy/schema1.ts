import type { Bytes, Call } from '../call.ts'
import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { configFromSchema1 } from '../manifest/convert-schema1.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatImageManifest } from '../manifest/format.ts'
import { withCompression } from '../manifest/layer-type.ts'
import type { Schema1Manifest } from '../manifest/manifest.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import type { ImageSource, RawManifest } from '../transports/transport.ts'
import { decompress, peek, sniffCompression } from './compression.ts'
import { checkBlob, hashing, type Seen } from './verify.ts'

/** A source of a schema 1 image seen as one of a schema 2 image; and the manifest it then has. */
export interface Modernized {
  readonly source: ImageSource
  readonly manifest: RawManifest
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
