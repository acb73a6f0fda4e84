import { createHash } from 'node:crypto'
import { digestHex, type ImageRecord, isStorageError, type Layer, parseDigest, type Store } from '@libpod/storage'

/** An image that consists of layers which are in the store already. */
export interface NewImage {
  /** Bottom layer first; the digest and size are what the manifest says of each. */
  readonly layers: readonly ManifestLayer[]
  readonly topLayer?: Layer['id']
  /** The config document, as it shall be stored. */
  readonly config: Uint8Array
  readonly format: 'oci' | 'docker'
  readonly annotations?: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly created: string
}

export interface ManifestLayer {
  readonly digest: string
  readonly size: number
  readonly compression: 'none' | 'gzip' | 'zstd'
}

const ociLayer = 'application/vnd.oci.image.layer.v1.tar'
const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar'
const types = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: { none: ociLayer, gzip: `${ociLayer}+gzip`, zstd: `${ociLayer}+zstd` },
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: { none: dockerLayer, gzip: `${dockerLayer}.gzip`, zstd: `${dockerLayer}.zstd` },
  },
} as const

/** Records an image with the documents every containers/storage program expects; the one with this id, if there is one, gets the names. */
export async function recordImage(store: Store, image: NewImage): Promise<ImageRecord> {
  const id = sha256(image.config)
  const manifest = Buffer.from(JSON.stringify(manifestOf(image, id)))
  const digest = parseDigest(`sha256:${sha256(manifest)}`)
  const create = (names: readonly string[]): Promise<ImageRecord> =>
    store.images.create({
      id,
      names,
      ...(image.topLayer !== undefined && { layer: image.topLayer }),
      metadata: JSON.stringify({ 'signatures-sizes': { [digest]: [] } }),
      created: image.created,
      digest,
      bigData: [
        { key: `sha256:${id}`, data: image.config },
        { key: `manifest-${digest}`, data: manifest },
        { key: 'manifest', data: manifest },
        { key: `signature-${digestHex(digest)}`, data: new Uint8Array() },
      ],
    })
  try {
    return await create(image.names)
  } catch (error) {
    if (!isStorageError(error, 'ID_IN_USE') && !isStorageError(error, 'NAME_IN_USE')) throw error
    const made = (await store.images.get(id)) ?? (await create([]))
    // A name that another image has moves.
    await store.images.addNames(id, image.names)
    return made
  }
}

/** How often an image is made anew because somebody removes what it was going to share. */
const tries = 5

/** A layer that the store had may go with the image of somebody else before the new image is recorded: it is then made again. */
export async function whileLayersGo<T>(make: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await make()
    } catch (error) {
      if (left === 1 || !isStorageError(error, 'LAYER_UNKNOWN')) throw error
    }
  }
}

function manifestOf({ layers, config, format, annotations }: NewImage, id: string): object {
  const type = types[format]
  return {
    schemaVersion: 2,
    mediaType: type.manifest,
    config: { mediaType: type.config, digest: `sha256:${id}`, size: config.length },
    layers: layers.map(({ digest, size, compression }) => ({ mediaType: type.layer[compression], digest, size })),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
