import { chainId, type ImageRecord, type Layer, packTree, type Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { readChanges } from '../images/changes.ts'
import { type JsonObject, listOf, objectOf, parseDocument, textOf, textsOf } from '../images/document.ts'
import { goArchitecture } from '../images/lookup.ts'
import { newName } from '../images/names.ts'
import { recordImage, whileLayersGo } from '../images/record.ts'
import { configKey } from '../images/stored-image.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import { configOf, type ImageConfig, overridesOf } from './commit-config.ts'
import type { CommitOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { ifEnded } from './gone.ts'
import { pauseContainer, unpauseContainer } from './life.ts'
import { currentStatus } from './liveness.ts'
import type { StartRooms } from './start.ts'

/** Makes an image of a container: its image's layers and one of its own changes, with its configuration (podman-commit(1)). The id. */
export async function commitContainer(rooms: StartRooms, name: string, options: CommitOptions & Call): Promise<string> {
  const record = rooms.state.containers.find(name)
  const names = (options.names ?? []).map(newName)
  const store = await rooms.store()
  const { imageId } = record.config
  const image = imageId ? await store.images.get(imageId) : undefined
  const document = (image && parseDocument(await store.images.bigData(image.id, configKey(image)))) ?? {}
  const config = configOf(record.config, {
    base: objectOf(document.config),
    format: options.format ?? 'oci',
    volumes: options.includeVolumes === 'yes' ? 'all' : 'anonymous',
    overrides: await overridesOf(options.config),
    changes: readChanges(options.changes ?? []),
  })
  const base = options.squash === 'yes' ? undefined : await baseOf(store, image, document)
  await using _ = await stillness(rooms, record, options)
  const recorded = await whileLayersGo(async () => {
    const layer = await addChanges(store, { record, base, options })
    const created = timestamp()
    const layers = [...(base?.layers ?? []), layer]
    const made = {
      ...described(record, document, { created, options }, config),
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: [...(base?.history ?? []), stepOf(record, document, { created, options })],
    }
    return await recordImage(store, {
      layers: layers.map(({ diffId = '', diffSize = -1 }) => ({
        digest: diffId,
        size: diffSize,
        compression: 'none',
      })),
      topLayer: layer.id,
      config: Buffer.from(JSON.stringify(made)),
      format: options.format ?? 'oci',
      names,
      created,
    })
  })
  await rooms.events.write({ type: 'container', status: 'commit', ...subjectOf(record) })
  return recorded.id
}

interface Making {
  readonly created: string
  readonly options: CommitOptions
}

/** The document's members around its layers and history; `comment` and `container` are Docker's alone. */
function described(record: ContainerRecord, image: JsonObject, making: Making, config: ImageConfig): object {
  const { format, message } = making.options
  return {
    created: making.created,
    ...authorOf(image, making),
    architecture: textOf(image.architecture) || goArchitecture(),
    os: textOf(image.os) || 'linux',
    ...(textOf(image.variant) ? { variant: textOf(image.variant) } : {}),
    ...(format === 'docker' && message ? { comment: message } : {}),
    ...(format === 'docker' ? { container: record.id, container_config: config } : {}),
    config,
  }
}

const stepOf = ({ config }: ContainerRecord, image: JsonObject, making: Making): object => ({
  created: making.created,
  created_by: textsOf(objectOf(image.config).Shell).join(' ') || '/bin/sh',
  ...authorOf(image, making),
  comment: `FROM ${config.imageName}`,
})

function authorOf(image: JsonObject, { options }: Making): { readonly author?: string } {
  const author = options.author ?? textOf(image.author)
  return author === '' ? {} : { author }
}

/** Paused while its files are read, if it runs and so was asked; it may end at any time. */
async function stillness(
  rooms: StartRooms,
  record: ContainerRecord,
  { pause }: CommitOptions,
): Promise<AsyncDisposable> {
  const undo = new AsyncDisposableStack()
  if (pause === 'yes' && currentStatus(rooms, record).state === 'running') {
    await pauseContainer(rooms, record.id).catch(ifEnded)
    undo.defer(() => unpauseContainer(rooms, record.id).catch(ifEnded))
  }
  return undo
}

interface Base {
  readonly layers: readonly Layer[]
  readonly history: readonly unknown[]
}

/** What the container's image brings: its layers, bottom first, and its history. */
async function baseOf(store: Store, image: ImageRecord | undefined, document: JsonObject): Promise<Base | undefined> {
  if (!image?.layer) return undefined
  const layers: Layer[] = []
  for (let id: string | undefined = image.layer; id !== undefined; ) {
    const layer: Layer | undefined = await store.layers.get(id)
    if (layer) layers.unshift(layer)
    id = layer?.parent
  }
  return { layers, history: listOf(document.history) }
}

interface Source {
  readonly record: ContainerRecord
  readonly base: Base | undefined
  readonly options: Call
}

/** The container's own changes as a layer; without a base, all its files. */
async function addChanges(store: Store, { record, base, options }: Source): Promise<Layer> {
  const container = await store.containers.get(record.id)
  if (!container)
    throw new LibpodError('CONTAINER_UNKNOWN', `container ${record.id} is missing in the store`, {
      subject: record.name,
    })
  const call = options.signal ? { signal: options.signal } : {}
  await using undo = new AsyncDisposableStack()
  if (!base) undo.defer(() => store.containers.unmount(container.id))
  const tar = base ? store.layers.diff(container.layer) : packTree(await store.containers.mount(container.id))
  const staged = undo.use(await store.layers.stage(call))
  const { diffId, compressedDigest, compressedSize } = await staged.apply(tar, call)
  const below = base?.layers.at(-1)
  return await staged.commit({
    id: chainOf([...(base?.layers ?? []).map(layer => layer.diffId), diffId]),
    ...(below ? { parent: below.id } : {}),
    compressedDigest,
    compressedSize,
  })
}

type DiffId = Parameters<typeof chainId>[1]

function chainOf(diffIds: readonly (DiffId | undefined)[]): string {
  return diffIds.reduce<string | undefined>((chain, diffId) => {
    if (diffId === undefined) throw new LibpodError('IMAGE_INVALID', 'a layer of the image has no recorded digest')
    return chainId(chain, diffId)
  }, undefined) as string
}
