import type { PlatformChoice } from '../copy/options.ts'
import { checkManifest, readVerified } from '../copy/verify.ts'
import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { formatImageManifest, formatIndex } from '../manifest/format.ts'
import { withCompression } from '../manifest/layer-type.ts'
import { type ImageManifest, maximumManifestSize, parseManifest } from '../manifest/manifest.ts'
import { mediaTypes } from '../manifest/media-types.ts'
import { chooseInstance, hostPlatform } from '../manifest/platform.ts'
import type { ImageSource, RawManifest } from '../transports/transport.ts'
import { type ComposedFile, layerTar, reproducibleGzip } from './layer.ts'
import type { Held } from './memory.ts'
import type { ComposeOptions, IndexEntry } from './reference.ts'

/** Blobs of an index's images are held in memory: each at most so many bytes. */
const maximumHeldBlob = 256 * 1024 * 1024

interface Base {
  readonly source?: ImageSource
  readonly manifest: ImageManifest
  readonly config: Record<string, unknown>
}

/** Makes the image's documents and its own layers. */
export async function compose(options: ComposeOptions): Promise<Held> {
  const base = await openBase(options)
  const layers = (options.layers ?? []).map(files => makeLayer(files, options.compression ?? 'gzip'))
  const config = Buffer.from(
    JSON.stringify(
      newConfig(
        base.config,
        options,
        layers.map(({ diffId }) => diffId),
      ),
    ),
  )
  const described = { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length }
  const bytes = formatImageManifest({
    kind: 'image',
    mediaType: mediaTypes.ociManifest,
    config: described,
    layers: [...base.manifest.layers.map(inOci), ...layers.map(({ descriptor }) => descriptor)],
    ...(options.annotations !== undefined && { annotations: options.annotations }),
  })
  const blobs = new Map(layers.map(({ descriptor, bytes }) => [descriptor.digest, bytes] as const)).set(
    described.digest,
    config,
  )
  return {
    manifest: { bytes, mediaType: mediaTypes.ociManifest },
    blobs,
    ...(base.source !== undefined && { base: base.source }),
  }
}

function makeLayer(files: readonly ComposedFile[], compression: 'gzip' | 'none') {
  const tar = layerTar(files)
  const bytes = compression === 'gzip' ? reproducibleGzip(tar) : tar
  const mediaType = compression === 'gzip' ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer
  return { diffId: digestOf(tar), bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}

const inOci = (layer: Descriptor): Descriptor =>
  layer.mediaType.startsWith('application/vnd.docker.')
    ? { ...layer, mediaType: withCompression(mediaTypes.ociLayer, layer.mediaType.endsWith('gzip') ? 'gzip' : 'none') }
    : layer

async function openBase({ base, access = {}, platform, signal }: ComposeOptions): Promise<Base> {
  const empty = { kind: 'image', mediaType: mediaTypes.ociManifest, layers: [] } as const
  if (base === undefined)
    return { manifest: { ...empty, config: nothing }, config: { ...hostPlatform(), rootfs: { type: 'layers' } } }
  if (base.openSource === undefined) throw new ImageError('COPY_UNSUPPORTED', 'the base image cannot be read')
  const call = signal === undefined ? {} : { signal }
  const source = await base.openSource(access, call)
  try {
    const manifest = await readBase(source, platform)
    const config = await readVerified(await source.blob(manifest.config, 0, call), manifest.config, maximumManifestSize)
    return { source, manifest, config: JSON.parse(Buffer.from(config).toString('utf8')) as Record<string, unknown> }
  } catch (error) {
    await source[Symbol.asyncDispose]()
    throw error
  }
}

const nothing: Descriptor = { mediaType: mediaTypes.ociConfig, digest: digestOf(''), size: 0 }

async function readBase(source: ImageSource, platform: PlatformChoice | undefined): Promise<ImageManifest> {
  const raw = await source.manifest()
  const top = parseManifest(raw.bytes, raw.mediaType)
  if (top.kind === 'image') return top
  if (top.kind === 'schema1') throw new ImageError('MANIFEST_UNSUPPORTED', 'a schema 1 image cannot be a base')
  const { digest } = chooseInstance(top.manifests, platform)
  const chosen = await source.manifest(digest)
  checkManifest(chosen.bytes, chosen.mediaType, digest)
  const manifest = parseManifest(chosen.bytes, chosen.mediaType)
  if (manifest.kind === 'image') return manifest
  throw new ImageError('MANIFEST_UNSUPPORTED', `manifest ${digest} is not an image`)
}

interface Rootfs {
  readonly diff_ids?: readonly string[]
}

function newConfig(base: Record<string, unknown>, options: ComposeOptions, diffIds: readonly string[]): object {
  const created = options.created ?? '1970-01-01T00:00:00Z'
  const rootfs = (base.rootfs ?? {}) as Rootfs
  const history = Array.isArray(base.history) ? (base.history as unknown[]) : []
  const platform = options.base === undefined ? options.platform : undefined
  return {
    ...base,
    ...platform,
    created,
    config: { ...(base.config as object | undefined), ...options.config },
    rootfs: { type: 'layers', diff_ids: [...(rootfs.diff_ids ?? []), ...diffIds] },
    history: [...history, ...diffIds.map(() => ({ created, created_by: 'libpod-image' }))],
  }
}

/** Reads images and makes the index over them. */
export async function composeIndexOf(images: readonly IndexEntry[]): Promise<Held> {
  const instances = new Map<Digest, RawManifest>()
  const blobs = new Map<Digest, Uint8Array>()
  const manifests: Descriptor[] = []
  for (const { image, platform } of images) {
    if (image.openSource === undefined) throw new ImageError('COPY_UNSUPPORTED', 'an image of the index cannot be read')
    await using source = await image.openSource({})
    const manifest = await source.manifest()
    const parsed = parseManifest(manifest.bytes, manifest.mediaType)
    if (parsed.kind !== 'image') throw new ImageError('MANIFEST_UNSUPPORTED', 'only images can be put into an index')
    for (const blob of [parsed.config, ...parsed.layers]) {
      blobs.set(blob.digest, await readVerified(await source.blob(blob, 0), blob, maximumHeldBlob))
    }
    const digest = digestOf(manifest.bytes)
    instances.set(digest, manifest)
    manifests.push({ mediaType: parsed.mediaType, digest, size: manifest.bytes.length, platform })
  }
  const bytes = formatIndex({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests })
  return { manifest: { bytes, mediaType: mediaTypes.ociIndex }, instances, blobs }
}
