import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestOf, formatIndex, type IndexManifest, isDigest, parseManifest } from '@libpod/image'
import { type ImageRecord, Lockfile, type Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { isObject, type JsonObject, listOf, objectOf, parseDocument, textOf } from '../images/document.ts'
import { locateImage } from '../images/lookup.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { isIndex } from '../images/stored-image.ts'
import { settled } from './list.ts'

/** A list as the store keeps it: the index, where its images are, and what its artifacts are made of. */
export interface StoredList {
  readonly index: IndexManifest
  /** The transport name of each image that was added. */
  readonly instances: ReadonlyMap<Digest, string>
  readonly artifacts: ReadonlyMap<Digest, StoredArtifact>
}

/** An artifact made for the list. Its blobs are named by digest; a file's content is read when the list is pushed. */
export interface StoredArtifact {
  readonly manifest: string
  /** Absolute paths, to be shown. */
  readonly files: readonly string[]
  readonly config: Digest
  readonly layers: readonly Digest[]
  readonly blobs: ReadonlyMap<Digest, { readonly path: string } | { readonly bytes: Uint8Array }>
}

const instancesKey = 'instances.json'
const artifactsKey = 'artifacts.json'

/** @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID when the image is no list */
export async function locateList(rooms: ImageRooms, name: string): Promise<ImageRecord> {
  const { record, resolvedName } = await locateImage(rooms, name, { lists: 'list' })
  const manifest = parseDocument(await (await rooms.store()).images.bigData(record.id, 'manifest'))
  if (manifest !== undefined && isIndex(manifest)) return record
  throw new LibpodError('IMAGE_INVALID', `${resolvedName}: image is not a manifest list`, { subject: name })
}

export async function loadList(store: Store, record: ImageRecord): Promise<StoredList> {
  const index = parseManifest(await store.images.bigData(record.id, 'manifest'))
  if (index.kind !== 'index')
    throw new LibpodError('IMAGE_INVALID', `${record.id}: image is not a manifest list`, { subject: record.id })
  const instances = await readData(store, record, instancesKey)
  const artifacts = await readData(store, record, artifactsKey)
  return { index, instances: readInstances(instances), artifacts: readArtifacts(artifacts) }
}

async function readData(store: Store, record: ImageRecord, key: string): Promise<JsonObject> {
  if (!record.bigDataNames.includes(key)) return {}
  return parseDocument(await store.images.bigData(record.id, key)) ?? {}
}

const readInstances = (data: JsonObject): ReadonlyMap<Digest, string> =>
  new Map(Object.entries(data).flatMap(([digest, name]) => (isDigest(digest) ? [[digest, textOf(name)] as const] : [])))

function readArtifacts(data: JsonObject): ReadonlyMap<Digest, StoredArtifact> {
  const digests = Object.keys(objectOf(data.manifests)).filter(isDigest)
  return new Map(digests.map(digest => [digest, readArtifact(data, digest)]))
}

function readArtifact(data: JsonObject, digest: Digest): StoredArtifact {
  const of = (part: string): unknown => objectOf(data[part])[digest]
  const config = textOf(of('config'))
  const layers = listOf(of('layers')).filter(isDigest)
  if (!isDigest(config)) throw new LibpodError('IMAGE_INVALID', `artifact ${digest} of the list has no config`)
  const blobs = new Map<Digest, { readonly path: string } | { readonly bytes: Uint8Array }>()
  for (const blob of [config, ...layers]) {
    const path = textOf(objectOf(data.detached)[blob])
    blobs.set(blob, path ? { path } : { bytes: Buffer.from(textOf(objectOf(data.blobs)[blob]), 'base64') })
  }
  const files = listOf(of('files')).filter(file => typeof file === 'string')
  return { manifest: textOf(of('manifests')), files, config, layers, blobs }
}

/** Writes a new list, or over the one that `id` names. The id. */
export async function saveList(
  store: Store,
  list: StoredList,
  to: { readonly id: string } | { readonly names: readonly string[] },
): Promise<string> {
  const manifest = formatIndex(settled(list.index))
  const bigData = [
    { key: 'manifest', data: manifest, digest: digestOf(manifest) },
    { key: instancesKey, data: encode(Object.fromEntries(sorted(list.instances))) },
    { key: artifactsKey, data: encode(artifactsData(list.artifacts)) },
  ]
  if ('names' in to) return (await store.images.create({ names: to.names, bigData })).id
  for (const item of bigData) await store.images.setBigData(to.id, item)
  return to.id
}

const encode = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))

const sorted = <T>(map: ReadonlyMap<Digest, T>): readonly (readonly [Digest, T])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

function artifactsData(artifacts: ReadonlyMap<Digest, StoredArtifact>): object {
  const all = sorted(artifacts)
  const each = (pick: (artifact: StoredArtifact) => unknown) =>
    Object.fromEntries(all.map(([digest, artifact]) => [digest, pick(artifact)]))
  const blobs = all.flatMap(([, artifact]) => [...artifact.blobs])
  const data = {
    manifests: each(({ manifest }) => manifest),
    files: each(({ files }) => files),
    config: each(({ config }) => config),
    layers: each(({ layers }) => layers),
    detached: Object.fromEntries(blobs.flatMap(([digest, blob]) => ('path' in blob ? [[digest, blob.path]] : []))),
    blobs: Object.fromEntries(
      blobs.flatMap(([digest, blob]) =>
        'bytes' in blob ? [[digest, Buffer.from(blob.bytes).toString('base64')]] : [],
      ),
    ),
  }
  return Object.fromEntries(Object.entries(data).filter(([, part]) => isObject(part) && Object.keys(part).length > 0))
}

/** Changes a list; the lock is the one that other tools take for a list, so that no change of theirs or ours is lost. */
export async function editList(
  rooms: ImageRooms,
  name: string,
  edit: (list: StoredList) => StoredList | Promise<StoredList>,
): Promise<string> {
  const store = await rooms.store()
  const { id } = await locateList(rooms, name)
  const locks = join(store.runRoot, `${store.driverName}-locks`)
  await mkdir(locks, { recursive: true, mode: 0o700 })
  return new Lockfile(join(locks, `sha256:${id}`)).hold('write', async () => {
    const record = await locateList(rooms, id)
    return saveList(store, await edit(await loadList(store, record)), { id })
  })
}
