import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import { type Json, type JsonObject, parseJson } from '../json/parse.ts'
import { isObject } from '../json/read.ts'
import type { Descriptor } from './descriptor.ts'
import { parseImageManifest } from './image-manifest.ts'
import { parseIndex } from './index-manifest.ts'
import { isSchema1Type, mediaTypes } from './media-types.ts'
import { parseSchema1, schema1Digest } from './schema1.ts'

/** A manifest of one image: OCI or docker schema 2. `diffIds` are in the config. */
export interface ImageManifest {
  readonly kind: 'image'
  readonly mediaType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** An OCI index or docker manifest list. */
export interface IndexManifest {
  readonly kind: 'index'
  readonly mediaType: string
  readonly manifests: readonly Descriptor[]
  readonly artifactType?: string
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** A docker schema 1 manifest: layers from the base up, `throwaway` where nothing changed. */
export interface Schema1Manifest {
  readonly kind: 'schema1'
  readonly mediaType: string
  readonly name: string
  readonly tag: string
  readonly architecture: string
  readonly layers: readonly Schema1Layer[]
}

export interface Schema1Layer {
  readonly digest: Digest
  readonly throwaway: 'yes' | 'no'
  /** The v1 compatibility document of this layer. */
  readonly history: JsonObject
  /** The same as text. */
  readonly compatibility: string
}

export type Manifest = ImageManifest | IndexManifest | Schema1Manifest

/** Manifests, configs and signatures are never larger, in bytes. */
export const maximumManifestSize = 4 * 1024 * 1024

/**
 * Reads a manifest of any kind. A document that could be read as two kinds, or that contradicts the type it was
 * labelled with, is refused.
 * @throws ImageError MANIFEST_INVALID, MANIFEST_UNSUPPORTED
 */
export function parseManifest(bytes: Uint8Array, label = ''): Manifest {
  const type = guessManifestType(bytes, label)
  const document = readDocument(bytes)
  if (type === mediaTypes.ociManifest || type === mediaTypes.dockerManifest) return parseImageManifest(document, type)
  if (type === mediaTypes.ociIndex || type === mediaTypes.dockerList) return parseIndex(document, type)
  if (isSchema1Type(type)) return parseSchema1(document, type)
  throw new ImageError('MANIFEST_UNSUPPORTED', `unsupported manifest type ${JSON.stringify(label || type)}`)
}

const documentTypes: readonly string[] = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
]

/**
 * The type of a manifest: what it says itself, else what it was labelled with (where that is a manifest type), else
 * what its shape tells (containers/image guesses alike); '' when nothing fits.
 * @throws ImageError MANIFEST_INVALID when label and document contradict each other
 */
export function guessManifestType(bytes: Uint8Array, label = ''): string {
  const labelled = label.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const known = documentTypes.includes(labelled) || isSchema1Type(labelled) ? labelled : ''
  const document = readDocument(bytes)
  const said = document.get('mediaType')
  if (typeof said === 'string' && documentTypes.includes(said)) {
    if (known !== '' && known !== said) throw contradiction(known, said)
    return said
  }
  return known === '' ? typeFromShape(document) : known
}

const contradiction = (label: string, said: string): ImageError =>
  new ImageError('MANIFEST_INVALID', `manifest was served as ${label} but calls itself ${said}`)

function typeFromShape(document: JsonObject): string {
  const version = document.get('schemaVersion')
  if (version === 1) {
    return (document.get('signatures') ?? null) === null ? mediaTypes.dockerSchema1 : mediaTypes.dockerSchema1Signed
  }
  return version === 2 ? typeOfVersion2(document) : ''
}

function typeOfVersion2(document: JsonObject): string {
  const config = document.get('config')
  const configType = isObject(config) ? config.get('mediaType') : undefined
  if (configType === mediaTypes.ociConfig) return mediaTypes.ociManifest
  if (configType === mediaTypes.dockerConfig) return mediaTypes.dockerManifest
  const manifests = document.get('manifests')
  if (Array.isArray(manifests) && manifests.length > 0) return mediaTypes.ociIndex
  return mediaTypes.ociManifest
}

/** Keys that decide what a document is; another spelling of one is read by case-blind readers, so it is refused. */
const decisiveKeys = [
  'schemaVersion',
  'mediaType',
  'config',
  'layers',
  'manifests',
  'fsLayers',
  'history',
  'signatures',
]

function readDocument(bytes: Uint8Array): JsonObject {
  if (bytes.length > maximumManifestSize) {
    throw new ImageError('SIZE_EXCEEDED', `manifest is larger than ${maximumManifestSize} bytes`)
  }
  const document: Json = parseJson(bytes, 'manifest')
  if (!isObject(document)) throw new ImageError('MANIFEST_INVALID', 'manifest must be an object')
  for (const key of document.keys()) {
    const same = decisiveKeys.find(known => known !== key && known.toLowerCase() === key.toLowerCase())
    if (same !== undefined)
      throw new ImageError('MANIFEST_INVALID', `manifest spells ${same} as ${JSON.stringify(key)}`)
  }
  return document
}

/** The digest a manifest is known by: of its bytes, or for signed schema 1 of what was signed. */
export function manifestDigest(bytes: Uint8Array, label = ''): Digest {
  return guessManifestType(bytes, label) === mediaTypes.dockerSchema1Signed ? schema1Digest(bytes) : digestOf(bytes)
}
