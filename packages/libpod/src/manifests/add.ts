import {
  type AccessOptions,
  chooseInstance,
  type Descriptor,
  type Digest,
  type ImageSource,
  manifestDigest,
  mediaTypes,
  type Platform,
  parseManifest,
  type RawManifest,
  readSmallBlob,
} from '@libpod/image'
import { LibpodError } from '../errors.ts'
import { parseDocument, textOf, textsOf } from '../images/document.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { accessOf } from '../images/transfer.ts'
import type { Call } from '../spec/call.ts'
import { findImage } from './find-image.ts'
import { changeEntry, withEntry } from './list.ts'
import type { AddToListOptions } from './manifests.ts'
import { editList, locateList, type StoredList } from './record.ts'

/** @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID, SPEC_INVALID; ImageError of reading the images */
export async function addToList(
  rooms: ImageRooms,
  name: string,
  images: readonly string[],
  options: AddToListOptions & Call = {},
): Promise<string> {
  let { id } = await locateList(rooms, name)
  for (const image of images) {
    const found = await readEntries(rooms, image, options)
    id = await editList(rooms, name, list => withEntries(list, found, options))
  }
  return id
}

/** What an image brings into a list; the first entry is the one that changes are about. */
interface Entries {
  readonly from: string
  readonly descriptors: readonly Descriptor[]
}

function withEntries(list: StoredList, { from, descriptors }: Entries, options: AddToListOptions): StoredList {
  const instances = new Map(list.instances)
  let { index } = list
  for (const descriptor of descriptors) {
    index = withEntry(index, descriptor)
    if (!instances.has(descriptor.digest)) instances.set(descriptor.digest, from)
  }
  const [first] = descriptors
  return { ...list, instances, index: first ? changeEntry(index, first.digest, options) : index }
}

const reading = 'reading manifest from'

async function readEntries(rooms: ImageRooms, name: string, options: AddToListOptions & Call): Promise<Entries> {
  const access: AccessOptions = accessOf(rooms, options)
  const { signal } = options
  const call = { ...(signal && { signal }) }
  const what = 'image to add to manifest list'
  const reference = await findImage(rooms, name, { access, lists: 'instance', what, ...call })
  if (reference.openSource === undefined)
    throw new LibpodError('SPEC_INVALID', `images of transport ${reference.transport} cannot be read`, {
      subject: name,
    })
  const from = `${reference.transport}:${reference.text}`
  const failed = (doing: string) => (cause: unknown) => {
    signal?.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new LibpodError('IMAGE_UNAVAILABLE', `${doing} ${JSON.stringify(from)}: ${why}`, { subject: name, cause })
  }
  // A registry is asked who it is before, other places are opened by reading what they have.
  const opening = reference.transport === 'docker' ? 'setting up to read manifest and configuration from' : reading
  await using source = await reference.openSource(access, call).catch(failed(opening))
  const top = await source.manifest(undefined, call).catch(failed(reading))
  const manifest = parseManifest(top.bytes, top.mediaType)
  if (manifest.kind !== 'index') return { from, descriptors: [await describe(source, top)] }
  const chosen = options.instances === 'all' ? manifest.manifests : [chooseInstance(manifest.manifests)]
  const descriptors = chosen.map(async entry => {
    const complete = entry.platform?.os && entry.platform.architecture
    return complete ? entry : { ...(await describe(source, await source.manifest(entry.digest, call))), ...entry }
  })
  return { from, descriptors: await Promise.all(descriptors) }
}

/** The descriptor of one image; its config says what it runs on. */
async function describe(source: ImageSource, { bytes, mediaType }: RawManifest): Promise<Descriptor> {
  const manifest = parseManifest(bytes, mediaType)
  const digest: Digest = manifestDigest(bytes, mediaType)
  const entry = { mediaType: manifest.mediaType, digest, size: bytes.length }
  if (manifest.kind !== 'image') return entry
  const { artifactType, config } = manifest
  if (artifactType !== undefined) return { ...entry, artifactType }
  if (config.mediaType !== mediaTypes.ociConfig && config.mediaType !== mediaTypes.dockerConfig) return entry
  return { ...entry, platform: platformOf(await readSmallBlob(source, config)) }
}

function platformOf(config: Uint8Array): Platform {
  const document = parseDocument(config) ?? {}
  const optional = { 'os.version': textOf(document['os.version']), variant: textOf(document.variant) }
  const features = textsOf(document['os.features'])
  return {
    os: textOf(document.os),
    architecture: textOf(document.architecture),
    ...(optional['os.version'] && { 'os.version': optional['os.version'] }),
    ...(features.length > 0 && { 'os.features': features }),
    ...(optional.variant && { variant: optional.variant }),
  }
}
