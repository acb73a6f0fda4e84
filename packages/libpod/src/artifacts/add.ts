import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import {
  type Descriptor,
  deleteImage,
  digestOf,
  formatImageManifest,
  type ImageDestination,
  type ImageManifest,
  mediaTypes,
} from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { timestamp } from '../timestamp.ts'
import type { AddArtifactOptions } from './artifacts.ts'
import { readFileBlob } from './file-blob.ts'
import { type ArtifactStore, type HeldArtifact, titleKey } from './store.ts'

const emptyConfig = Buffer.from('{}')
const created = 'org.opencontainers.image.created'

/**
 * Makes or extends an artifact; see {@link Artifacts.add}.
 * @throws LibpodError NAME_IN_USE, ARTIFACT_UNKNOWN, FILE_IN_ARTIFACT, SPEC_INVALID
 */
export async function addArtifact(
  store: ArtifactStore,
  name: string,
  files: readonly string[],
  options: AddArtifactOptions & Call = {},
): Promise<string> {
  if (options.existing === 'append' && options.artifactType)
    throw new LibpodError('SPEC_INVALID', 'append option is not compatible with type option')
  const reference = store.reference(name)
  if (reference.openDestination === undefined) throw new TypeError('a layout can be written')
  const before = await store.hold('write', async () => {
    await store.prepare()
    return priorOf(store, name, options)
  })
  const base = before?.parsed ?? emptyManifest(options)
  refuseDoubles(base, files)
  await using destination = await reference.openDestination({}, options)
  const layers = [...base.layers]
  for (const file of files) layers.push(await putFile(destination, file, { layers, options }))
  const digest = await record(destination, { ...base, layers })
  if (before !== undefined) await store.hold('write', () => forget(store, before))
  return digest
}

async function priorOf(
  store: ArtifactStore,
  name: string,
  { existing = 'refuse' }: AddArtifactOptions,
): Promise<HeldArtifact | undefined> {
  if (existing === 'append') return store.find(name)
  const known = await store.find(name).catch((error: unknown) => {
    if (error instanceof LibpodError && error.code === 'ARTIFACT_UNKNOWN') return undefined
    throw error
  })
  if (known === undefined) return undefined
  if (existing !== 'replace')
    throw new LibpodError('NAME_IN_USE', `${name}: artifact already exists`, { subject: name })
  await deleteImage(known.reference)
  return undefined
}

function emptyManifest({ annotations, artifactType }: AddArtifactOptions): ImageManifest {
  return {
    kind: 'image',
    mediaType: mediaTypes.ociManifest,
    ...(artifactType && { artifactType }),
    config: {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: digestOf(emptyConfig),
      size: emptyConfig.length,
      data: emptyConfig.toString('base64'),
    },
    layers: [],
    annotations: sorted({ ...annotations, [created]: timestamp() }),
  }
}

function refuseDoubles({ layers }: ImageManifest, files: readonly string[]): void {
  const taken = new Set(layers.map(({ annotations }) => annotations?.[titleKey]).filter(Boolean))
  for (const name of files.map(file => basename(file))) {
    if (taken.has(name))
      throw new LibpodError('FILE_IN_ARTIFACT', `${name}: file already exists in artifact`, { subject: name })
    taken.add(name)
  }
}

async function putFile(
  destination: ImageDestination,
  file: string,
  { layers, options }: { readonly layers: readonly Descriptor[]; readonly options: AddArtifactOptions & Call },
): Promise<Descriptor> {
  const given = options.annotations?.[titleKey]
  if (given !== undefined && layers.some(({ annotations }) => annotations?.[titleKey] === given))
    throw new LibpodError('SPEC_INVALID', `duplicate layers ${titleKey} labels within an artifact not allowed`)
  const blob = await readFileBlob(file)
  const layer = { mediaType: options.fileType || blob.contentType, digest: blob.digest, size: blob.size }
  const annotations = sorted({ ...options.annotations, [titleKey]: given ?? basename(file) })
  const found = await destination.findLayer(layer, layers.length, options)
  if (found === undefined) await destination.putLayer(layer, layers.length, createReadStream(file), options)
  return { ...layer, annotations }
}

/** Other tools make the digest of a manifest by writing it anew, with its keys in order. */
const sorted = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)))

async function record(destination: ImageDestination, manifest: ImageManifest): Promise<string> {
  const bytes = formatImageManifest(manifest)
  await destination.putConfig(manifest.config, emptyConfig)
  await destination.putManifest({ bytes, mediaType: manifest.mediaType })
  await destination.commit()
  return digestOf(bytes)
}

/** The manifest that an artifact had before files were added; what it named is the new one's now. */
async function forget(store: ArtifactStore, before: HeldArtifact): Promise<void> {
  const old = (await store.list()).find(({ name, digest }) => name === '' && digest === before.digest)
  if (old !== undefined) await deleteImage(old.reference)
}
