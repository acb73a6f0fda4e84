import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { convertIndex } from '../manifest/convert.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatIndex } from '../manifest/format.ts'
import { baseOf, type CompressionFormat } from '../manifest/layer-type.ts'
import { type IndexManifest, manifestDigest, parseManifest } from '../manifest/manifest.ts'
import { isIndexType, mediaTypes } from '../manifest/media-types.ts'
import { chooseInstance, zstdAnnotation } from '../manifest/platform.ts'
import { requireAllowed } from '../signature/evaluate.ts'
import type { Signature } from '../signature/signature.ts'
import type { AccessOptions, RawManifest, Reference } from '../transports/transport.ts'
import { putInTurn } from './in-turn.ts'
import { type CopyJob, copyInstance, layersMay, putManifest } from './instance.ts'
import { withKnownBlobs } from './known-blobs.ts'
import type { CopyOptions, CopyResult } from './options.ts'
import { manifestTypes } from './plan.ts'
import { copySchema1 } from './schema1-instance.ts'
import { checkManifest } from './verify.ts'

/**
 * Copies an image from anywhere to anywhere. The policy is asked about an index and about every instance taken from
 * it before any blob moves; every byte is checked against its digest on the way; nothing is visible at the
 * destination before all of it is there.
 * @throws ImageError POLICY_REJECTED, DIGEST_MISMATCH, PLATFORM_UNAVAILABLE and the transports' own
 */
export async function copyImage(from: Reference, to: Reference, options: CopyOptions): Promise<CopyResult> {
  options.signal?.throwIfAborted()
  if (from.openSource === undefined) throw unsupported(from, 'read')
  const open = to.openDestination?.bind(to, destinationAccess(from, to, options), options)
  if (open === undefined) throw unsupported(to, 'written')
  await using source = await initializing('source', from, from.openSource(options.source ?? {}, options))
  const top = await readTop(from, source)
  const result = await persistently(async () => {
    await using destination = await initializing('destination', to, open())
    const job: Copying = { source, destination, options, identity: to.dockerReference, from, to }
    return await withKnownBlobs(options.blobInfoCache, { from, to }, async known => {
      const done = await copyTop({ ...job, ...(known !== undefined && { known }) }, top)
      await destination.commit(options)
      return done
    })
  })
  options.onProgress?.({ type: 'stored', digest: result.digest })
  return result
}

/** How often a copy begins again because somebody removes what it was going to share. */
const tries = 5

/** A layer that the destination had may go with the image of somebody else: it is then moved like any other. */
async function persistently<T>(copy: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await copy()
    } catch (error) {
      if (left === 1 || !(error instanceof ImageError) || error.code !== 'LAYER_GONE') throw error
    }
  }
}

/** Blobs of a repository of the same registry need not travel: they are mounted. */
function destinationAccess(from: Reference, to: Reference, { destination = {} }: CopyOptions): AccessOptions {
  const [source, target] = [from.dockerReference, to.dockerReference]
  const sameRegistry = from.transport === to.transport && source?.domain === target?.domain
  if (!sameRegistry || source === undefined) return destination
  return { ...destination, mountFrom: [...(destination.mountFrom ?? []), source.path] }
}

interface Copying extends CopyJob {
  readonly from: Reference
  readonly to: Reference
}

interface Top {
  readonly raw: RawManifest
  readonly digest: Digest
  readonly manifest: ReturnType<typeof parseManifest>
}

const unsupported = (reference: Reference, verb: string): ImageError =>
  new ImageError('COPY_UNSUPPORTED', `images of transport ${reference.transport} cannot be ${verb}`)

/** Errors of opening say which end they are about, as the real tools' do. */
async function initializing<T>(end: 'source' | 'destination', reference: Reference, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    const { code, subject, hint, status } = error
    const detail = { ...(subject && { subject }), ...(hint && { hint }), ...(status && { status }), cause: error }
    throw new ImageError(code, `initializing ${end} ${reference.transport}:${reference.text}: ${error.message}`, detail)
  }
}

async function readTop(from: Reference, source: CopyJob['source']): Promise<Top> {
  const raw = await source.manifest()
  const wanted = from.transport === 'containers-storage' ? undefined : from.dockerReference?.digest
  if (wanted !== undefined) checkManifest(raw.bytes, raw.mediaType, wanted)
  const manifest = parseManifest(raw.bytes, raw.mediaType)
  return {
    raw: { bytes: raw.bytes, mediaType: manifest.mediaType },
    digest: manifestDigest(raw.bytes, raw.mediaType),
    manifest,
  }
}

async function copyTop(job: Copying, top: Top): Promise<CopyResult> {
  const { manifest, raw } = top
  await judge(job, top.digest)
  if (manifest.kind !== 'index') {
    const layers = manifest.layers.length
    job.options.onProgress?.({ type: 'source-opened', manifestType: manifest.mediaType, layers })
    if (manifest.kind === 'image') return copyInstance(job, { manifest: raw, as: 'image' })
    return copySchema1(job, raw, manifest)
  }
  if (job.options.images === undefined || job.options.images === 'system') return copyOneOf(job, raw, manifest)
  return copyIndex(job, raw, manifest)
}

/** Asks the policy about the image, or about an instance of it. */
function judge({ from, source, options }: Copying, manifestDigest: Digest, instance?: Digest): Promise<void> {
  const signatures = async () => (await source.signatures?.(instance, options)) ?? []
  return requireAllowed(options.policy, { reference: from, manifestDigest, signatures })
}

async function copyOneOf(job: Copying, index: RawManifest, manifest: IndexManifest): Promise<CopyResult> {
  const chosen = chooseInstance(manifest.manifests, job.options.platform)
  const raw = await readInstance(job, chosen)
  await job.destination.noteIndex?.(index)
  return copyInstance(job, { manifest: raw, digest: chosen.digest, as: 'image' })
}

/** Reads, verifies and judges one instance that an index names. */
async function readInstance(job: Copying, { digest, mediaType }: Descriptor): Promise<RawManifest> {
  const raw = await job.source.manifest(digest, job.options)
  checkManifest(raw.bytes, raw.mediaType, digest)
  if (mediaType !== '' && isIndexType(mediaType) !== isIndexType(parseManifest(raw.bytes, raw.mediaType).mediaType)) {
    throw new ImageError('MANIFEST_INVALID', `manifest ${digest} is not the ${mediaType} that the index says`)
  }
  await judge(job, digest, digest)
  return { bytes: raw.bytes, mediaType: parseManifest(raw.bytes, raw.mediaType).mediaType }
}

async function copyIndex(job: Copying, raw: RawManifest, index: IndexManifest): Promise<CopyResult> {
  const { destination, options, source } = job
  if (destination.wants.indexes === 'no') {
    const text = `destination transport ${JSON.stringify(job.to.transport)} does not support copying multiple images as a group`
    throw new ImageError('COPY_UNSUPPORTED', `copying multiple images: ${text}`)
  }
  const wanted = Array.isArray(options.images) ? new Set<Digest>(options.images) : undefined
  const taken = index.manifests.filter(({ digest }) => wanted === undefined || wanted.has(digest))
  const written = new Map<Digest, CopyResult>()
  for (const [position, descriptor] of taken.entries()) {
    tellInstance(job, descriptor.digest, {
      how: 'copied',
      position,
      taken: taken.length,
      listed: index.manifests.length,
    })
    const manifest = await readInstance(job, descriptor)
    written.set(descriptor.digest, await copyInstance(job, { manifest, digest: descriptor.digest, as: 'part' }))
  }
  const signatures = options.signatures === 'remove' ? [] : ((await source.signatures?.(undefined, options)) ?? [])
  const tried = manifestTypes(index.mediaType, 'index', { wants: destination.wants, format: options.format })
  const types: typeof tried = layersMay(job, signatures) === 'stay' ? [tried[0]] : tried
  const put = (changed: IndexManifest | undefined) => putIndex(job, { raw, changed, signatures })
  const added = await addVariants(job, rename(index, written, index.mediaType) ?? index, taken)
  if (added.length > 0) return put(withAdded(rename(index, written, types[0]) ?? index, added))
  return putInTurn(types, type => put(rename(index, written, type)))
}

/** OCI's index alone can say how an image is compressed. */
const withAdded = (index: IndexManifest, added: readonly Descriptor[]): IndexManifest =>
  convertIndex({ ...index, manifests: [...index.manifests, ...added] }, mediaTypes.ociIndex)

/** The images of an index in further compressions, to stand behind all that it has; an artifact stays what it is. */
async function addVariants(job: Copying, index: IndexManifest, taken: readonly Descriptor[]): Promise<Descriptor[]> {
  const added: Descriptor[] = []
  const counts = { how: 'recompressed', taken: taken.length, listed: index.manifests.length } as const
  let position = taken.length
  for (const compression of job.options.addCompression ?? []) {
    const options: CopyOptions = { ...job.options, compression, forceCompression: 'yes', format: 'oci' }
    for (const old of taken) {
      tellInstance(job, old.digest, { ...counts, position: position++ })
      const manifest = await readInstance(job, old)
      const made = await copyInstance({ ...job, options }, { manifest, digest: old.digest, as: 'part' })
      const known = [...index.manifests, ...added].some(({ digest }) => digest === made.digest)
      if (!known) added.push(variantOf(old, made, compression))
    }
  }
  return added
}

function tellInstance(
  { options }: Copying,
  digest: Digest,
  at: { how: 'copied' | 'recompressed'; position: number; taken: number; listed: number },
): void {
  const { how, position, taken, listed } = at
  const total = taken * (1 + (options.addCompression?.length ?? 0))
  options.onProgress?.({ type: 'instance', digest, how, position: position + 1, total, listed })
}

function variantOf(old: Descriptor, made: CopyResult, compression: CompressionFormat): Descriptor {
  const { annotations: { [zstdAnnotation]: _, ...others } = {}, ...rest } = old
  const annotations = { ...others, ...(baseOf(compression) === 'zstd' && { [zstdAnnotation]: 'true' }) }
  return {
    ...rest,
    mediaType: made.manifestType,
    digest: made.digest,
    size: made.manifest.length,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/** The index over what was written: instances under their new digests. */
function rename(
  index: IndexManifest,
  written: ReadonlyMap<Digest, CopyResult>,
  mediaType: string,
): IndexManifest | undefined {
  const manifests = index.manifests.map(old => {
    const now = written.get(old.digest)
    if (now === undefined || now.digest === old.digest) return old
    return { ...old, digest: now.digest, size: now.manifest.length, mediaType: now.manifestType }
  })
  const same = mediaType === index.mediaType && manifests.every((one, at) => one === index.manifests[at])
  return same ? undefined : convertIndex({ ...index, manifests }, mediaType)
}

interface WrittenIndex {
  readonly raw: RawManifest
  /** What is written instead. */
  readonly changed: IndexManifest | undefined
  readonly signatures: readonly Signature[]
}

async function putIndex(job: Copying, { raw, changed, signatures }: WrittenIndex): Promise<CopyResult> {
  if (changed !== undefined && layersMay(job, signatures) === 'stay') {
    throw new ImageError('COPY_UNSUPPORTED', 'the index would have to be changed, but its digest must stay')
  }
  const out = changed === undefined ? raw : { bytes: formatIndex(changed), mediaType: changed.mediaType }
  return putManifest(job, { raw: out, digest: manifestDigest(out.bytes), signatures })
}
