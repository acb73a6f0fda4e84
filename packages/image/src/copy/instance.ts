import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type ImageConfig, readImageConfig } from '../manifest/config.ts'
import { convertImageManifest } from '../manifest/convert.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatImageManifest } from '../manifest/format.ts'
import { layerCompression } from '../manifest/layer-type.ts'
import { type ImageManifest, manifestDigest, maximumManifestSize, parseManifest } from '../manifest/manifest.ts'
import { isSchema1Type, mediaTypes } from '../manifest/media-types.ts'
import { hostPlatform } from '../manifest/platform.ts'
import { type DockerReference, parseDockerReference } from '../reference/docker-reference.ts'
import type { Signature } from '../signature/signature.ts'
import type { ImageDestination, ImageSource, RawManifest } from '../transports/transport.ts'
import { withRightBytes } from './fresh.ts'
import { putInTurn } from './in-turn.ts'
import type { KnownBlobs } from './known-blobs.ts'
import { copyLayers } from './layers.ts'
import type { CopyOptions, CopyResult } from './options.ts'
import { manifestTypes } from './plan.ts'
import { formatAsSchema1 } from './schema1.ts'
import { readVerified } from './verify.ts'

/** Both ends of one copy and what was asked for. */
export interface CopyJob {
  readonly source: ImageSource
  readonly destination: ImageDestination
  readonly options: CopyOptions
  /** The name signatures are made for. */
  readonly identity: DockerReference | undefined
  /** What earlier copies learnt, where that is kept. */
  readonly known?: KnownBlobs
}

export interface Instance {
  readonly manifest: RawManifest
  /** Set when the manifest was named by an index. */
  readonly digest?: Digest
  /** How the instance is put: alone, or as part of the index that is put after it. */
  readonly as: 'image' | 'part'
}

/** Copies one image: config, layers, manifest and signatures; does not commit. */
export async function copyInstance(job: CopyJob, instance: Instance): Promise<CopyResult> {
  const manifest = parseImage(instance.manifest)
  const signatures = await readSignatures(job, instance.digest)
  const mayChange = layersMay(job, signatures) === 'stay' ? 'no' : 'yes'
  const layers = (await job.source.layers?.(instance.digest)) ?? manifest.layers
  const config = await copyConfig(job, manifest)
  const diffIds = config.image?.diffIds.length === layers.length ? config.image.diffIds : []
  const stored = await copyLayers({ ...job, mayChange, diffIds }, layers)
  const settled = { ...manifest, layers: stored.map((layer, at) => settle(layer, manifest.layers[at])) }
  return putInTurn(typesFor(job, settled, mayChange), async type => {
    const raw = isSchema1Type(type)
      ? { bytes: await formatAsSchema1(job, { config: config.bytes, layers: stored }), mediaType: type }
      : rewrite(instance.manifest, settled, type)
    if (mayChange === 'no' && raw.bytes !== instance.manifest.bytes) throw wouldChange(signatures.length)
    const digest = raw.bytes === instance.manifest.bytes ? instance.digest : undefined
    const part = instance.as === 'part' ? { as: 'part' as const } : {}
    return putManifest(job, { raw, digest: digest ?? manifestDigest(raw.bytes, raw.mediaType), signatures, ...part })
  })
}

/** What is signed, or is to keep its digest, stays as it is. */
export const layersMay = ({ options }: CopyJob, signatures: readonly Signature[]): 'stay' | 'change' =>
  signatures.length > 0 || options.preserveDigests === 'yes' ? 'stay' : 'change'

/** The types to try for the manifest: only OCI's knows zstd, unless a type was asked for. */
function typesFor(
  { destination, options }: CopyJob,
  { mediaType, layers }: ImageManifest,
  mayChange: 'yes' | 'no',
): readonly [string, ...string[]] {
  const types = manifestTypes(mediaType, 'image', { wants: destination.wants, format: options.format })
  if (mayChange === 'no') return [types[0]]
  const zstd = layers.some(layer => layerCompression(layer.mediaType) === 'zstd')
  return zstd && options.format === undefined ? [mediaTypes.ociManifest] : types
}

function parseImage({ bytes, mediaType }: RawManifest): ImageManifest {
  const manifest = parseManifest(bytes, mediaType)
  if (manifest.kind === 'image') return manifest
  throw new ImageError('MANIFEST_UNSUPPORTED', `cannot copy a manifest of type ${manifest.mediaType}`)
}

/** A layer as the new manifest names it: what did not change keeps every word of the old one. */
const settle = (stored: Descriptor, old: Descriptor | undefined): Descriptor =>
  old !== undefined && old.digest === stored.digest ? old : stored

export async function readSignatures(
  { source, destination, options }: CopyJob,
  digest?: Digest,
): Promise<readonly Signature[]> {
  if (options.signatures === 'remove') return []
  const signatures = (await source.signatures?.(digest, options)) ?? []
  if (signatures.length > 0) options.onProgress?.({ type: 'signatures', count: signatures.length })
  if (signatures.length > 0 && destination.putSignatures === undefined) {
    throw new ImageError('COPY_UNSUPPORTED', 'Can not copy signatures: the destination does not keep them', {
      hint: 'remove the signatures while copying',
    })
  }
  return signatures
}

interface CopiedConfig {
  readonly bytes: Uint8Array
  /** Missing for an artifact. */
  readonly image?: ImageConfig
}

async function copyConfig(job: CopyJob, manifest: ImageManifest): Promise<CopiedConfig> {
  const { source, destination, options } = job
  const { config } = manifest
  options.onProgress?.({ type: 'blob-start', digest: config.digest, size: config.size, kind: 'config' })
  const bytes = await withRightBytes(source, config, async () =>
    readVerified(await source.blob(config, 0, options), config, maximumManifestSize),
  )
  const isImage = config.mediaType === mediaTypes.ociConfig || config.mediaType === mediaTypes.dockerConfig
  const parsed = isImage ? readImageConfig(bytes) : undefined
  if (destination.wants.os === 'host') checkSystem(parsed, options)
  await destination.putConfig(config, bytes, options)
  options.onProgress?.({ type: 'blob-done', digest: config.digest, size: bytes.length, kind: 'config' })
  return { bytes, ...(parsed !== undefined && { image: parsed }) }
}

function checkSystem(config: ImageConfig | undefined, { platform }: CopyOptions): void {
  const wanted = platform?.os ?? hostPlatform().os
  if (config === undefined || config.os === '' || config.os === wanted) return
  throw new ImageError(
    'PLATFORM_UNAVAILABLE',
    `Image operating system mismatch: image uses OS "${config.os}"+architecture "${config.architecture}", expecting "${wanted}"`,
  )
}

/** The manifest to write: the old bytes where nothing is different. */
function rewrite(raw: RawManifest, manifest: ImageManifest, mediaType: string): RawManifest {
  const before = parseImage(raw)
  const same = manifest.layers.every((layer, at) => layer.digest === before.layers[at]?.digest)
  const stays = manifest.layers.length === before.layers.length && same
  if (stays && mediaType === before.mediaType) return { bytes: raw.bytes, mediaType }
  return { bytes: formatImageManifest(convertImageManifest(manifest, mediaType)), mediaType }
}

export const wouldChange = (signatures: number): ImageError =>
  new ImageError(
    'COPY_UNSUPPORTED',
    signatures > 0
      ? 'Copying this image would require changing layer representation, which is not possible: image is signed'
      : 'Instructed to preserve digests, but the copy would change the manifest',
    { hint: signatures > 0 ? 'remove the signatures while copying' : 'leave out --preserve-digests or --format' },
  )

export interface WrittenManifest {
  readonly raw: RawManifest
  readonly digest: Digest
  /** Those that came with the image. */
  readonly signatures: readonly Signature[]
  readonly as?: 'part'
}

/** Puts a manifest with its signatures, old and new. */
export async function putManifest(job: CopyJob, { raw, digest, signatures, as }: WrittenManifest): Promise<CopyResult> {
  const { destination, options } = job
  const part = as === 'part' ? digest : undefined
  await destination.putManifest(raw, part, options)
  options.onProgress?.({ type: 'manifest', digest, manifestType: raw.mediaType })
  const all = [...signatures, ...(await makeSignatures(job, digest))]
  if (all.length > 0 || part === undefined) await destination.putSignatures?.(all, part, options)
  return { digest, manifestType: raw.mediaType, manifest: raw.bytes }
}

/** The signatures asked for, of a manifest as it is written. */
async function makeSignatures(
  { identity, options, destination }: CopyJob,
  digest: Digest,
): Promise<readonly Signature[]> {
  const signers = options.signBy ?? []
  if (signers.length === 0) return []
  const name = options.signIdentity === undefined ? identity : parseDockerReference(options.signIdentity)
  if (name === undefined || destination.putSignatures === undefined) {
    throw new ImageError(
      'SIGNING_FAILED',
      'Can not sign: the destination has no docker reference or does not keep signatures',
    )
  }
  return Promise.all(signers.map(signer => signer.sign(digest, name)))
}
