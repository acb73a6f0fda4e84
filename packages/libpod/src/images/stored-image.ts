import type { ImageRecord, Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { type ImageDocument, readImageDocument } from './config.ts'
import { type JsonObject, parseDocument, textOf } from './document.ts'

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

/** The image's manifest (an index for a manifest list). @throws LibpodError IMAGE_INVALID */
export async function readManifest(store: Store, image: ImageRecord): Promise<JsonObject> {
  return readJson(store, image, 'manifest')
}

/** The image's config document. @throws LibpodError IMAGE_INVALID */
export async function readConfig(store: Store, image: ImageRecord): Promise<ImageDocument> {
  return readImageDocument(await readJson(store, image, configKey(image)))
}

/** An image's id is the digest of its config; one made otherwise (TOC, schema 1) has a single other item that is none of the rest. */
export function configKey(image: ImageRecord): string {
  const usual = `sha256:${image.id}`
  if (image.bigDataNames.includes(usual)) return usual
  return image.bigDataNames.find(name => /^sha\d+:/.test(name)) ?? usual
}

async function readJson(store: Store, image: ImageRecord, key: string): Promise<JsonObject> {
  const bytes = await store.images.bigData(image.id, key).catch((cause: unknown) => {
    throw new LibpodError('IMAGE_INVALID', `reading ${key} of image ${image.id}: the image is damaged`, {
      subject: image.id,
      hint: 'pull it again',
      cause,
    })
  })
  const document = parseDocument(bytes)
  if (document) return document
  throw new LibpodError('IMAGE_INVALID', `${key} of image ${image.id} is not valid JSON`, { subject: image.id })
}

/** The document that an image should have and has not, as Podman tells of it: nothing but pulling again, or removing, helps. */
export async function missingDocument(store: Store, image: ImageRecord): Promise<string | undefined> {
  for (const key of new Set(['manifest', configKey(image)])) {
    if (!image.bigDataNames.includes(key)) continue
    const found = await store.images.bigData(image.id, key).catch(() => undefined)
    // An image that is removed meanwhile goes before its documents, and has lost nothing.
    if (found === undefined && (await store.images.get(image.id)) !== undefined)
      return `locating item named ${JSON.stringify(key)} for image with ID ${JSON.stringify(image.id)} (consider removing the image to resolve the issue): file does not exist`
  }
  return undefined
}

/** `yes` for an image that is a list of images: it has no layer, and its manifest is an index. */
export async function isManifestList(store: Store, image: ImageRecord): Promise<boolean> {
  if (image.layer !== undefined || !image.bigDataNames.includes('manifest')) return false
  return isIndex(await readManifest(store, image))
}

export const isIndex = (manifest: JsonObject): boolean =>
  indexTypes.includes(textOf(manifest.mediaType)) ||
  (manifest.mediaType === undefined && Array.isArray(manifest.manifests))
