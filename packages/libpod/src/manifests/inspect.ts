import {
  type Descriptor,
  dockerReference,
  formatDockerReference,
  type IndexManifest,
  mediaTypes,
  parseManifest,
  type RawManifest,
  readManifest,
  resolveShortName,
} from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { RegistryOptions } from '../images/images.ts'
import { registriesOf } from '../images/lookup.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { accessOf } from '../images/transfer.ts'
import type { Call } from '../spec/call.ts'
import { settled } from './list.ts'
import type { ListInspect } from './manifests.ts'
import { loadList, locateList, type StoredList } from './record.ts'

/** @throws LibpodError IMAGE_UNAVAILABLE when neither the store nor a registry has it */
export async function inspectList(
  rooms: ImageRooms,
  name: string,
  options: RegistryOptions & Call = {},
): Promise<ListInspect> {
  const record = await locateList(rooms, name).catch((error: unknown) => {
    const expected = error instanceof LibpodError && ['IMAGE_UNKNOWN', 'IMAGE_INVALID'].includes(error.code)
    if (expected) return undefined
    throw error
  })
  if (record === undefined) return inspectRemote(rooms, name, options)
  const list = await loadList(await rooms.store(), record)
  return documentOf({ ...list, index: settled(list.index) })
}

async function inspectRemote(rooms: ImageRooms, name: string, options: RegistryOptions & Call): Promise<ListInspect> {
  const { candidates } = resolveShortName(name.replace(/^docker:\/\//, ''), await registriesOf(rooms), 'no')
  const errors: Error[] = []
  for (const { reference } of candidates) {
    try {
      const call = options.signal ? { signal: options.signal } : {}
      const raw = await readManifest(dockerReference(reference), { access: accessOf(rooms, options), ...call })
      return describeRemote(name, raw)
    } catch (cause) {
      options.signal?.throwIfAborted()
      if (cause instanceof LibpodError) throw cause
      const shown = JSON.stringify(`docker://${formatDockerReference(reference)}`)
      const why = cause instanceof Error ? cause.message : String(cause)
      errors.push(new LibpodError('IMAGE_UNAVAILABLE', `reading image ${shown}: ${why}`, { subject: name, cause }))
    }
  }
  throw errors[0] ?? new LibpodError('IMAGE_UNKNOWN', `${name}: image not known`, { subject: name })
}

/** Of a single image Podman says what it is when it is docker's, and refuses it otherwise. */
function describeRemote(name: string, { bytes, mediaType }: RawManifest): ListInspect {
  const manifest = parseManifest(bytes, mediaType)
  if (manifest.kind === 'index') return documentOf({ index: manifest, instances: new Map(), artifacts: new Map() })
  if (manifest.mediaType === mediaTypes.dockerManifest)
    return { schemaVersion: 2, mediaType: manifest.mediaType, manifests: null }
  const blob = JSON.stringify(Buffer.from(bytes).toString())
  const text = `parsing manifest blob ${blob} as a ${JSON.stringify(manifest.mediaType)}`
  throw new LibpodError('IMAGE_INVALID', `${text}: Treating single images as manifest lists is not implemented`, {
    subject: name,
  })
}

function documentOf({ index, artifacts }: StoredList): ListInspect {
  const { mediaType, artifactType, manifests, subject, annotations } = index
  return {
    schemaVersion: 2,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    manifests: manifests.map(entry => shown(entry, artifacts.get(entry.digest)?.files ?? [])),
    ...(subject && { subject: shown(subject, []) }),
    ...(annotations && { annotations }),
  }
}

/** In docker's words, whatever the list is. */
function shown(
  { mediaType, size, digest, urls, platform, annotations, artifactType }: Descriptor,
  files: readonly string[],
) {
  return {
    mediaType,
    size,
    digest,
    ...(urls && { urls }),
    platform: platformOf(platform),
    ...(annotations && { annotations }),
    ...(artifactType !== undefined && { artifactType }),
    ...(files.length > 0 && { files }),
  }
}

function platformOf(platform: IndexManifest['manifests'][number]['platform']): object {
  const { architecture = '', os = '', variant, features, ...rest } = platform ?? {}
  return { architecture, os, ...rest, ...(variant && { variant }), ...(features && { features }) }
}
