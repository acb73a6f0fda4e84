import type { Call } from './call.ts'
import type { PlatformChoice } from './copy/options.ts'
import { checkManifest, readVerified } from './copy/verify.ts'
import type { Digest } from './digest.ts'
import { ImageError } from './errors.ts'
import type { Descriptor } from './manifest/descriptor.ts'
import { manifestDigest, maximumManifestSize, parseManifest, type Schema1Manifest } from './manifest/manifest.ts'
import { mediaTypes } from './manifest/media-types.ts'
import { chooseInstance } from './manifest/platform.ts'
import type { AccessOptions, ImageSource, RawManifest, Reference } from './transports/transport.ts'

export interface ReadOptions extends Call {
  readonly access?: AccessOptions
  readonly platform?: PlatformChoice
}

/** A manifest as its holder has it, its digest and its type. */
export interface ReadManifest extends RawManifest {
  readonly digest: Digest
}

/** An image's manifest and config, the raw bytes of both. */
export interface ReadImage {
  readonly manifest: ReadManifest
  readonly config: Uint8Array
  readonly layers: readonly Descriptor[]
  /** The index it was chosen from. */
  readonly index?: ReadManifest
}

/** @throws ImageError COPY_UNSUPPORTED and the transport's own */
export async function openReadSource(reference: Reference, options: ReadOptions): Promise<ImageSource> {
  if (reference.openSource !== undefined) return reference.openSource(options.access ?? {}, options)
  throw new ImageError('COPY_UNSUPPORTED', `images of transport ${reference.transport} cannot be read`)
}

/** The manifest a reference names, index or image, checked against the digest in the name. */
export async function readManifest(reference: Reference, options: ReadOptions = {}): Promise<ReadManifest> {
  await using source = await openReadSource(reference, options)
  return await top(source, reference)
}

async function top(source: ImageSource, reference: Reference): Promise<ReadManifest> {
  const raw = await source.manifest()
  const wanted = reference.transport === 'containers-storage' ? undefined : reference.dockerReference?.digest
  if (wanted !== undefined) checkManifest(raw.bytes, raw.mediaType, wanted)
  const { mediaType } = parseManifest(raw.bytes, raw.mediaType)
  return { bytes: raw.bytes, mediaType, digest: manifestDigest(raw.bytes, raw.mediaType) }
}

/** The manifest and config of the image for a platform; no layer is touched. */
export async function readImage(reference: Reference, options: ReadOptions = {}): Promise<ReadImage> {
  await using source = await openReadSource(reference, options)
  return await readImageFrom(source, reference, options)
}

/** The same of a source that is open and stays open. */
export async function readImageFrom(
  source: ImageSource,
  reference: Reference,
  options: ReadOptions,
): Promise<ReadImage> {
  const first = await top(source, reference)
  const parsed = parseManifest(first.bytes, first.mediaType)
  if (parsed.kind !== 'index') return await readOne(source, first, options)
  const { digest } = chooseInstance(parsed.manifests, options.platform)
  const raw = await source.manifest(digest, options)
  checkManifest(raw.bytes, raw.mediaType, digest)
  const { mediaType } = parseManifest(raw.bytes, raw.mediaType)
  return { ...(await readOne(source, { bytes: raw.bytes, mediaType, digest }, options)), index: first }
}

async function readOne(source: ImageSource, manifest: ReadManifest, call: Call): Promise<ReadImage> {
  const parsed = parseManifest(manifest.bytes, manifest.mediaType)
  if (parsed.kind === 'schema1') return readOld(manifest, parsed)
  if (parsed.kind !== 'image') throw new ImageError('MANIFEST_UNSUPPORTED', `a ${parsed.mediaType} has no config`)
  const bytes = await source.blob(parsed.config, 0, call)
  return { manifest, config: await readVerified(bytes, parsed.config, maximumManifestSize), layers: parsed.layers }
}

/** Schema 1 has the config, without what it says of layers, in the newest of them; their sizes it does not tell. */
function readOld(manifest: ReadManifest, { layers }: Schema1Manifest): ReadImage {
  const described = layers.map(({ digest }) => ({ mediaType: mediaTypes.dockerLayerGzip, digest, size: -1 }))
  return { manifest, config: Buffer.from(layers.at(-1)?.compatibility ?? '{}'), layers: described }
}

/** Removes an image from its holder. @throws ImageError COPY_UNSUPPORTED and the transport's own */
export async function deleteImage(reference: Reference, access: AccessOptions = {}, call: Call = {}): Promise<void> {
  if (reference.delete === undefined) {
    throw new ImageError('COPY_UNSUPPORTED', `images of transport ${reference.transport} cannot be deleted`)
  }
  await reference.delete(access, call)
}
