import { formatDockerReference, loadRegistries, type Registries, withDefaultTag } from '@libpod/image'
import type { ImageRecord, Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { isObject, listOf, objectOf, textOf } from './document.ts'
import type { FoundImage } from './images.ts'
import { fuzzyMatch, type ImageName, localCandidates, readImageName } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { isManifestList, readConfig, readManifest } from './stored-image.ts'

/** A record and the name under which it was found. */
export interface Located {
  readonly record: ImageRecord
  readonly resolvedName: string
}

export interface LocateOptions {
  /** What a manifest list stands for: the member for this machine, or the list itself. */
  readonly lists?: 'instance' | 'list'
}

export const imageUnknown = (name: string, cause?: unknown): LibpodError =>
  new LibpodError('IMAGE_UNKNOWN', `${name}: image not known`, { subject: name, ...(cause !== undefined && { cause }) })

/**
 * The image that a name, short name, id, unique id prefix or digest stands for: first as a name (alias, `localhost/`, the
 * search registries, the default registry), then as an id prefix, at last as the end of any stored name.
 * @throws LibpodError IMAGE_UNKNOWN, NAME_INVALID
 */
export async function locateImage(rooms: ImageRooms, text: string, options: LocateOptions = {}): Promise<Located> {
  const name = readImageName(text)
  const store = await rooms.store()
  const found = await locate(rooms, store, name)
  if (!found) throw imageUnknown(text)
  if (options.lists === 'list' || !(await isManifestList(store, found.record))) return found
  return { record: await instanceOf(store, found.record, text), resolvedName: found.resolvedName }
}

async function locate(rooms: ImageRooms, store: Store, name: ImageName): Promise<Located | undefined> {
  if (name.kind === 'id') return byId(store, name.id)
  if (name.kind === 'text') return byId(store, name.text)
  for (const candidate of await candidatesFor(rooms, name)) {
    const resolvedName = formatDockerReference(candidate)
    const record = candidate.digest ? await byDigest(store, resolvedName) : await store.images.get(resolvedName)
    if (record) return { record, resolvedName }
  }
  return (await byId(store, name.text)) ?? (name.short === 'yes' ? byEnding(store, name) : undefined)
}

/** A name with a registry means itself: registries.conf is not read for it. */
const candidatesFor = async (rooms: ImageRooms, name: ImageName & { kind: 'name' }) =>
  name.short === 'no' ? [withDefaultTag(name.reference)] : localCandidates(name, await registriesOf(rooms))

/** An ambiguous prefix names nothing, as with Podman. */
async function byId(store: Store, id: string): Promise<Located | undefined> {
  if (!/^[0-9a-f]+$/.test(id)) return undefined
  const record = await store.images.get(id).catch((error: unknown) => {
    if (isObject(error) && error.code === 'AMBIGUOUS_ID') return undefined
    throw error
  })
  return record && { record, resolvedName: record.id.startsWith(id) ? id : record.id }
}

/** `repository@digest`: an image with that digest which carries a name of that repository. */
async function byDigest(store: Store, name: string): Promise<ImageRecord | undefined> {
  const exact = await store.images.get(name)
  if (exact) return exact
  const [repository = '', digest = ''] = name.split('@')
  const images = (await store.images.list()).filter(image => image.digests.some(each => each === digest))
  return images.find(image =>
    image.names.some(each => each.startsWith(`${repository}:`) || each.startsWith(`${repository}@`)),
  )
}

async function byEnding(store: Store, name: ImageName & { kind: 'name' }): Promise<Located | undefined> {
  const { digest } = name.reference
  for (const record of await store.images.list()) {
    if (digest !== undefined && !record.digests.includes(digest)) continue
    const match = fuzzyMatch(name, record.names)
    if (match !== undefined) return { record, resolvedName: match }
  }
  return undefined
}

/** @throws LibpodError IMAGE_UNKNOWN when the list has no member for this machine in the store */
async function instanceOf(store: Store, list: ImageRecord, name: string): Promise<ImageRecord> {
  const wanted = { os: 'linux', architecture: goArchitecture() }
  const members = listOf((await readManifest(store, list)).manifests).filter(isObject)
  const fitting = members.filter(member => {
    const platform = objectOf(member.platform)
    return platform.os === wanted.os && platform.architecture === wanted.architecture
  })
  const images = await store.images.list()
  const record = images.find(image =>
    fitting.some(member => image.digests.some(each => each === textOf(member.digest))),
  )
  if (record) return record
  const text = `no image found in manifest list for architecture ${JSON.stringify(wanted.architecture)}, OS ${JSON.stringify(wanted.os)}`
  throw new LibpodError('IMAGE_UNKNOWN', `${text}: image not known`, { subject: name })
}

/** This machine's architecture in Go's words. */
export function goArchitecture(): string {
  const names: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', ia32: '386', mipsel: 'mipsle' }
  return names[process.arch] ?? process.arch
}

const loaded = new WeakMap<object, Promise<Registries>>()

/** registries.conf, read once for an engine. */
export function registriesOf(rooms: ImageRooms): Promise<Registries> {
  const known = loaded.get(rooms.options)
  if (known) return known
  const { registriesConf } = rooms.options
  const fresh = loadRegistries(registriesConf === undefined ? {} : { registriesConf })
  loaded.set(rooms.options, fresh)
  return fresh
}

/** What the engine needs to create a container of an image. @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID */
export async function lookupImage(rooms: ImageRooms, name: string): Promise<FoundImage> {
  const { record, resolvedName } = await locateImage(rooms, name)
  const { config } = await readConfig(await rooms.store(), record)
  const found = record.id.startsWith(resolvedName.replace(/^sha256:/, '')) ? record.id : resolvedName
  return { id: record.id, resolvedName: found, topLayer: record.layer, digest: record.digest, config }
}

export async function imageExists(rooms: ImageRooms, name: string): Promise<boolean> {
  return locateImage(rooms, name).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LibpodError && (error.code === 'IMAGE_UNKNOWN' || error.code === 'NAME_INVALID'))
        return false
      throw error
    },
  )
}
