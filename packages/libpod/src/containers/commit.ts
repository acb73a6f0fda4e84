import { chainId, type Layer, packTree, type Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { type ConfigChanges, readChanges, withChanges } from '../images/changes.ts'
import { type JsonObject, objectOf, parseDocument } from '../images/document.ts'
import { goArchitecture } from '../images/lookup.ts'
import { newName } from '../images/names.ts'
import { recordImage } from '../images/record.ts'
import { configKey } from '../images/stored-image.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerConfig, ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import type { CommitOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { pauseContainer, unpauseContainer } from './life.ts'
import { currentStatus } from './liveness.ts'
import type { StartRooms } from './start.ts'

/** Makes an image of a container: its image's layers and one of its own changes, with its configuration (podman-commit(1)). The id. */
export async function commitContainer(rooms: StartRooms, name: string, options: CommitOptions & Call): Promise<string> {
  const record = rooms.state.containers.find(name)
  const names = (options.names ?? []).map(newName)
  const config = await configOf(record.config, options)
  const store = await rooms.store()
  const base = options.squash === 'yes' ? undefined : await baseOf(store, record)
  await using _ = await stillness(rooms, record, options)
  const layer = await addChanges(store, { record, base, options })
  const created = timestamp()
  const author = options.author === undefined ? {} : { author: options.author }
  const step = { created, created_by: '/bin/sh', ...author, comment: commentOf(record, options) }
  const document = {
    created,
    ...author,
    architecture: base?.architecture ?? goArchitecture(),
    os: base?.os ?? 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [...(base?.layers ?? []), layer].map(({ diffId }) => diffId) },
    history: [...(base?.history ?? []), step],
  }
  const image = await recordImage(store, {
    layers: [...(base?.layers ?? []), layer].map(({ diffId = '', diffSize = -1 }) => ({
      digest: diffId,
      size: diffSize,
      compression: 'none',
    })),
    topLayer: layer.id,
    config: Buffer.from(JSON.stringify(document)),
    format: options.format ?? 'oci',
    names,
    created,
  })
  await rooms.events.write({ type: 'container', status: 'commit', ...subjectOf(record) })
  return image.id
}

function commentOf({ config }: ContainerRecord, { format, message }: CommitOptions): string {
  return format === 'docker' && message !== undefined ? message : `FROM ${config.imageName}`
}

/** Paused while its files are read, if it runs and so was asked. */
async function stillness(
  rooms: StartRooms,
  record: ContainerRecord,
  { pause }: CommitOptions,
): Promise<AsyncDisposable> {
  const undo = new AsyncDisposableStack()
  if (pause === 'yes' && currentStatus(rooms, record).state === 'running') {
    await pauseContainer(rooms, record.id)
    undo.defer(() => unpauseContainer(rooms, record.id))
  }
  return undo
}

interface Base {
  readonly layers: readonly Layer[]
  readonly history: readonly unknown[]
  readonly architecture: string
  readonly os: string
}

/** What the container's image brings: its layers, bottom first, and its history. */
async function baseOf(store: Store, { config }: ContainerRecord): Promise<Base | undefined> {
  const image = config.imageId ? await store.images.get(config.imageId) : undefined
  if (!image?.layer) return undefined
  const document: JsonObject = parseDocument(await store.images.bigData(image.id, configKey(image))) ?? {}
  const layers: Layer[] = []
  for (let id: string | undefined = image.layer; id !== undefined; ) {
    const layer: Layer | undefined = await store.layers.get(id)
    if (layer) layers.unshift(layer)
    id = layer?.parent
  }
  return {
    layers,
    history: Array.isArray(document.history) ? document.history : [],
    architecture: String(document.architecture || goArchitecture()),
    os: String(document.os || 'linux'),
  }
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

/** The image's config out of the container's, with `--config`'s members and `--change`'s instructions over it. */
async function configOf(config: ContainerConfig, options: CommitOptions): Promise<ConfigChanges> {
  const { spec } = config
  const ports = [
    ...config.ports.map(port => `${port.containerPort}/${port.protocol}`),
    ...(spec.network?.expose ?? []).map(port => (port.includes('/') ? port : `${port}/tcp`)),
  ]
  const volumes = options.includeVolumes === 'yes' ? volumePaths(config) : []
  const own: ConfigChanges = {
    ...(config.user ? { User: config.user } : {}),
    ...(ports.length > 0 ? { ExposedPorts: asSet(ports) } : {}),
    Env: config.env,
    ...(config.entrypoint.length > 0 ? { Entrypoint: config.entrypoint } : {}),
    ...(config.command.length > 0 ? { Cmd: config.command } : {}),
    ...(volumes.length > 0 ? { Volumes: asSet(volumes) } : {}),
    WorkingDir: config.workdir,
    ...(Object.keys(config.labels).length > 0 ? { Labels: config.labels } : {}),
  }
  return withChanges({ ...own, ...(await fromFile(options.config)) }, readChanges(options.changes ?? []))
}

function volumePaths({ volumes, spec }: ContainerConfig): readonly string[] {
  return [
    ...volumes.map(({ destination }) => destination),
    ...(spec.mounts?.mounts ?? []).flatMap(mount => (mount.kind === 'bind' ? [mount.destination] : [])),
  ]
}

const asSet = (keys: readonly string[]): Record<string, object> => Object.fromEntries(keys.map(key => [key, {}]))

async function fromFile(path: string | undefined): Promise<ConfigChanges> {
  if (path === undefined) return {}
  const { readFile } = await import('node:fs/promises')
  const document = parseDocument(await readFile(path))
  if (!document) throw new LibpodError('SPEC_INVALID', `${path} is not a JSON object`, { subject: path })
  return objectOf(document) as ConfigChanges
}
