import { basename, resolve } from 'node:path'
import { type Descriptor, digestOf, manifestDigest, mediaTypes, parseManifest, readManifest } from '@libpod/image'
import { contentTypeOfName } from '../artifacts/content-type.ts'
import { readFileBlob } from '../artifacts/file-blob.ts'
import { LibpodError } from '../errors.ts'
import type { RegistryOptions } from '../images/images.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { accessOf } from '../images/transfer.ts'
import type { Call } from '../spec/call.ts'
import { findImage } from './find-image.ts'
import { changeEntry, withEntry } from './list.ts'
import type { AddArtifactToListOptions } from './manifests.ts'
import { editList, type StoredArtifact } from './record.ts'

const emptyConfig = Buffer.from('{}')
const emptyType = 'application/vnd.oci.empty.v1+json'
const unknownArtifact = 'application/vnd.unknown.artifact.v1'
const titleKey = 'org.opencontainers.image.title'

/** @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID; errors of reading the files */
export async function addArtifactToList(
  rooms: ImageRooms,
  name: string,
  files: readonly string[],
  options: AddArtifactToListOptions & Call = {},
): Promise<string> {
  if (files.length === 0)
    throw new LibpodError('SPEC_INVALID', 'manifest add artifact requires at least one file', { subject: name })
  const { artifactSubject } = options
  const subject = artifactSubject === undefined ? undefined : await describeSubject(rooms, artifactSubject, options)
  const artifact = await makeArtifact(files, options, subject)
  const bytes = Buffer.from(artifact.manifest)
  const digest = digestOf(bytes)
  const artifactType = options.artifactType ?? unknownArtifact
  const entry: Descriptor = {
    mediaType: mediaTypes.ociManifest,
    digest,
    size: bytes.length,
    ...(artifactType && { artifactType }),
  }
  return editList(rooms, name, list => ({
    ...list,
    index: changeEntry(withEntry(list.index, entry), digest, options),
    artifacts: new Map(list.artifacts).set(digest, artifact),
  }))
}

/** What an image that something is about looks like from there. */
export async function describeSubject(
  rooms: ImageRooms,
  name: string,
  options: RegistryOptions & Call,
): Promise<Descriptor> {
  const access = accessOf(rooms, options)
  const call = { ...(options.signal && { signal: options.signal }) }
  const reference = await findImage(rooms, name, { access, lists: 'list', what: 'subject', ...call })
  const { bytes, mediaType } = await readManifest(reference, { access, ...call })
  const manifest = parseManifest(bytes, mediaType)
  const artifactType = manifest.kind === 'image' ? manifest.artifactType : undefined
  return {
    mediaType,
    digest: manifestDigest(bytes, mediaType),
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
  }
}

async function makeArtifact(
  files: readonly string[],
  options: AddArtifactToListOptions,
  subject: Descriptor | undefined,
): Promise<StoredArtifact> {
  const paths = files.map(file => resolve(file))
  const layers = await Promise.all(paths.map(path => describeFile(path, options)))
  const configBytes = options.config ? Buffer.from(options.config) : emptyConfig
  const usual = options.config ? mediaTypes.ociConfig : emptyType
  const config = {
    mediaType: options.configType || usual,
    digest: digestOf(configBytes),
    size: configBytes.length,
    data: configBytes.toString('base64'),
  }
  const artifactType = options.artifactType ?? unknownArtifact
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    ...(artifactType && { artifactType }),
    config,
    layers,
    ...(subject && { subject }),
  }
  const blobs = new Map<StoredArtifact['config'], { path: string } | { bytes: Uint8Array }>()
  blobs.set(config.digest, { bytes: configBytes })
  for (const [at, path] of paths.entries()) {
    const layer = layers[at]
    if (layer !== undefined) blobs.set(layer.digest, { path })
  }
  const digests = layers.map(({ digest }) => digest)
  return { manifest: JSON.stringify(manifest), files: paths, config: config.digest, layers: digests, blobs }
}

async function describeFile(path: string, { layerType, titles }: AddArtifactToListOptions): Promise<Descriptor> {
  const { digest, size, contentType } = await readFileBlob(path)
  return {
    mediaType: layerType || contentTypeOfName(path) || contentType.replace(/;.*/, ''),
    digest,
    size,
    ...(titles !== 'no' && { annotations: { [titleKey]: basename(path) } }),
  }
}
