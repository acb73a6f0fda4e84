import { existsSync, readlinkSync } from 'node:fs'
import { activeHealth } from '../plan/health.ts'
import { PodTable } from '../pods/table.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import type { ContainerSummary, ListOptions } from './containers.ts'
import { exposedPorts } from './exposed-ports.ts'
import { containerFilter, externalFilter } from './filter.ts'
import { goesAtEnd } from './goes-at-end.ts'
import { readHealth } from './health-log.ts'
import { networkOwner } from './joined.ts'
import { currentStatus } from './liveness.ts'

export type ListRooms = Pick<Rooms, 'options' | 'state' | 'host' | 'store'>

/** The containers that pass, newest last as created. Takes no lock; the store is opened only for sizes and external containers. */
export async function listContainers(
  rooms: ListRooms,
  options: ListOptions = {},
): Promise<readonly ContainerSummary[]> {
  const { filters = {} } = options
  const all = rooms.state.containers.all().map(record => ({ record, status: currentStatus(rooms, record) }))
  const everything = options.which === 'all' || options.last !== undefined || 'status' in filters
  const passes = containerFilter(rooms, filters)
  const found = all.filter(one => (everything || one.status.state === 'running') && passes(one))
  const last = options.last ? found.slice(-options.last) : found
  const summaries = await Promise.all(last.map(one => summarize(rooms, one, options)))
  if (options.external !== 'yes') return summaries
  const others = (await externalContainers(rooms, all)).filter(externalFilter(filters))
  const together = [...summaries, ...others]
  return options.last ? together.sort((a, b) => a.created - b.created).slice(-options.last) : together
}

const isLiving = ({ state }: ContainerStatus): boolean =>
  state === 'running' || state === 'paused' || state === 'stopping'

export interface Listed {
  readonly record: ContainerRecord
  readonly status: ContainerStatus
}

async function summarize(
  rooms: ListRooms,
  { record, status }: Listed,
  options: ListOptions & Call,
): Promise<ContainerSummary> {
  const { config } = record
  const mounts = config.spec.mounts?.mounts ?? []
  const size = options.size === 'yes' ? await sizeOf(rooms, record, options) : undefined
  return {
    id: record.id,
    names: [record.name],
    image: config.imageName,
    imageId: config.imageId,
    command: commandOf(config),
    created: record.created,
    ...(status.startedAt ? { startedAt: status.startedAt } : {}),
    ...(status.finishedAt ? { exitedAt: status.finishedAt } : {}),
    ...(status.exitCode === undefined ? {} : { exitCode: status.exitCode }),
    state: status.state,
    ...(isLiving(status) ? healthOf(rooms, record) : {}),
    ...(status.process && status.state !== 'stopped' ? { pid: status.process.pid } : {}),
    ...(config.podId ? { pod: podOf(rooms, config.podId) } : {}),
    infra: config.infra,
    labels: config.labels,
    mounts: [
      ...config.volumes.map(({ destination }) => destination),
      ...mounts.filter(({ kind }) => kind !== 'volume').map(({ destination }) => destination),
    ],
    networks: config.networks.map(({ name }) => name),
    ports: networkOwner(rooms, record).config.ports,
    exposedPorts: exposedPorts(config),
    ...(size ? { size } : {}),
    restarts: status.restarts,
    ...(config.spec.cidFile ? { cidFile: config.spec.cidFile } : {}),
    autoRemove: goesAtEnd(config) ? 'yes' : 'no',
    namespaces: options.namespaces === 'yes' && isLiving(status) ? namespacesOf(status.process?.pid) : noNamespaces,
    external: 'no',
  }
}

function healthOf({ options }: ListRooms, record: ContainerRecord): Pick<ContainerSummary, 'health'> {
  if (!activeHealth(record.config.healthcheck)) return {}
  const { Status } = readHealth(options, record)
  return Status === 'stopped' ? {} : { health: Status }
}

function podOf({ state }: ListRooms, id: string): { readonly id: string; readonly name: string } {
  return { id, name: new PodTable(state.database).byId(id)?.name ?? '' }
}

type Namespaces = ContainerSummary['namespaces']

/** Their inode numbers, as /proc has them; '' where there is none to see. */
function namespacesOf(pid: number | undefined): Namespaces {
  if (pid === undefined) return noNamespaces
  const inode = (name: string): string => {
    try {
      return readlinkSync(`/proc/${pid}/ns/${name}`).replace(/^.*\[(\d+)\]$/, '$1')
    } catch {
      return ''
    }
  }
  return {
    ...{ cgroup: inode('cgroup'), ipc: inode('ipc'), mnt: inode('mnt'), net: inode('net') },
    ...{ pidns: inode('pid'), user: inode('user'), uts: inode('uts') },
  }
}

const noNamespaces: Namespaces = { cgroup: '', ipc: '', mnt: '', net: '', pidns: '', user: '', uts: '' }

async function sizeOf(
  rooms: ListRooms,
  { id }: ContainerRecord,
  { signal }: Call,
): Promise<{ readonly rw: number; readonly rootFs: number } | undefined> {
  const store = await rooms.store()
  const size = await store.containers.size(id, signal && { signal }).catch(() => {
    signal?.throwIfAborted()
    return undefined
  })
  return size && { rw: size.written, rootFs: size.total }
}

/** What keeps a pod together is nobody's command. */
function commandOf({ infra, command, argv }: Listed['record']['config']): readonly string[] {
  if (infra === 'yes') return []
  return command.length > 0 ? command : argv
}

/** Containers of the store that other tools made. */
async function externalContainers(rooms: ListRooms, ours: readonly Listed[]): Promise<readonly ContainerSummary[]> {
  const store = await rooms.store()
  const known = new Set<string>(ours.map(({ record }) => record.id))
  const others = (await store.containers.list()).filter(({ id }) => !known.has(id))
  const images = new Map((await store.images.list()).map(image => [image.id, image.names[0]]))
  return others.map(({ id, names, image, created, metadata }) => ({
    id: id as ContainerSummary['id'],
    names,
    image: imageName(metadata) ?? images.get(image) ?? image,
    imageId: image,
    command: [existsSync(`${store.containers.directory(id)}/buildah.json`) ? 'buildah' : 'storage'],
    created: Date.parse(created),
    state: 'unknown',
    infra: 'no',
    labels: {},
    mounts: [],
    networks: [],
    ports: [],
    exposedPorts: [],
    restarts: 0,
    autoRemove: 'no',
    namespaces: noNamespaces,
    external: 'yes',
  }))
}

function imageName(metadata: string): string | undefined {
  try {
    const name: unknown = JSON.parse(metadata)['image-name']
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    return undefined
  }
}
