import { existsSync } from 'node:fs'
import type { Store } from '@libpod/storage'
import { activeHealth } from '../plan/health.ts'
import { cgroupsPath } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import { exposedPorts } from './exposed-ports.ts'
import { type HealthLog, readHealth } from './health-log.ts'
import { inspectCapabilities } from './inspect-capabilities.ts'
import { inspectConfig } from './inspect-config.ts'
import { inspectHostConfig } from './inspect-host-config.ts'
import { inspectMounts } from './inspect-mounts.ts'
import { inspectNetwork } from './inspect-network.ts'
import { inspectSecrets } from './inspect-secrets.ts'
import type { ContainerInspect } from './inspect-shape.ts'
import { networkOwner } from './joined.ts'
import { currentStatus } from './liveness.ts'
import { containerPaths } from './paths.ts'
import { startedSpec } from './started-spec.ts'

export type InspectRooms = Pick<Rooms, 'options' | 'state' | 'host' | 'store' | 'volumes' | 'config' | 'secrets'>

/** Podman's JSON of a container. Takes no lock. */
export async function inspectContainer(
  rooms: InspectRooms,
  name: string,
  options: { readonly size?: 'yes' | 'no' } = {},
): Promise<ContainerInspect> {
  const record = rooms.state.containers.find(name)
  const status = currentStatus(rooms, record)
  const paths = containerPaths(rooms.options, record.id)
  const { config } = record
  const spec = startedSpec(paths.spec)
  const capabilities = inspectCapabilities(rooms, record, spec)
  const fileOf = (name: string): string => (spec && existsSync(`${paths.run}/${name}`) ? `${paths.run}/${name}` : '')
  const network = networkOwner(rooms, record)
  const size =
    options.size === 'yes' ? await (await rooms.store()).containers.size(record.id).catch(() => undefined) : undefined
  return {
    Id: record.id,
    Created: time(record.created),
    Path: config.argv[0] ?? '',
    // Podman repeats a command that is one word.
    Args: config.argv.length > 1 ? config.argv.slice(1) : config.argv,
    State: stateOf(record, status, readHealth(rooms.options, record)),
    Image: config.imageId,
    ImageDigest: await imageDigest(rooms, config.imageId),
    ImageName: config.imageName,
    Rootfs: config.spec.rootfs?.path ?? '',
    Pod: config.podId ?? '',
    ResolvConfPath: fileOf('resolv.conf'),
    HostnamePath: fileOf('hostname'),
    HostsPath: fileOf('hosts'),
    StaticDir: paths.bundle,
    ...(spec ? { OCIConfigPath: paths.spec } : {}),
    OCIRuntime: config.runtimeName ?? config.runtime.slice(config.runtime.lastIndexOf('/') + 1),
    ConmonPidFile: paths.monitorPidFile,
    PidFile: config.spec.pidFile ?? paths.pidFile,
    Name: record.name,
    RestartCount: status.restarts,
    Driver: rooms.options.graphDriver,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ...capabilities,
    ExecIDs: rooms.state.execSessions.of(record.id).map(({ id }) => id),
    GraphDriver: { Name: rooms.options.graphDriver, Data: await graphData(rooms, record.id, status) },
    ...(size ? { SizeRw: size.written, SizeRootFs: size.total } : {}),
    Mounts: await inspectMounts(rooms, record),
    Dependencies: rooms.state.containers.needsOf(record.id),
    NetworkSettings: inspectNetwork(network, currentStatus(rooms, network), {
      exposed: ownPorts(config),
      usual: rooms.config.network.defaultNetwork,
    }),
    Namespace: '',
    IsInfra: config.infra === 'yes',
    IsService: config.spec.service !== undefined,
    KubeExitCodePropagation: config.spec.service?.exitCodes ?? 'invalid',
    lockNumber: 0,
    Config: inspectConfig(rooms, record, { spec, secrets: await inspectSecrets(rooms, record) }),
    HostConfig: inspectHostConfig(rooms, record, { spec, capabilities }),
    UseImageHosts: config.spec.network?.hostsFile === 'leave' || rooms.config.containers.hostsFile === 'leave',
    UseImageHostname: config.spec.network?.hostnameFile === 'leave',
  }
}

const zeroTime = '0001-01-01T00:00:00Z'
const time = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? zeroTime : timestamp(new Date(milliseconds))

function stateOf(
  record: ContainerRecord,
  status: ContainerStatus,
  health: HealthLog,
): ContainerInspect['State'] & Record<string, unknown> {
  const running = status.state === 'running' || status.state === 'stopping'
  const alive = running || status.state === 'paused' || status.state === 'initialized'
  return {
    OciVersion: '1.2.1',
    Status: status.state === 'stopped' ? 'exited' : status.state,
    Running: running,
    Paused: status.state === 'paused',
    Restarting: false,
    OOMKilled: status.oomKilled === 'yes',
    Dead: false,
    Pid: alive ? (status.process?.pid ?? 0) : 0,
    ...(alive && status.monitor ? { ConmonPid: status.monitor.pid } : {}),
    ExitCode: status.exitCode ?? 0,
    Error: status.error ?? '',
    StartedAt: time(status.startedAt),
    FinishedAt: time(alive ? undefined : status.finishedAt),
    ...(activeHealth(record.config.healthcheck) ? { Health: inspectHealth(status, health) } : {}),
    ...(alive ? { CgroupPath: cgroupsPath(record) } : {}),
    ...(status.checkpointedAt && !alive ? { Checkpointed: true } : {}),
    CheckpointedAt: time(status.checkpointedAt),
    ...(status.restoredAt ? { Restored: true } : {}),
    RestoredAt: time(status.restoredAt),
    ...(status.stoppedByUser === 'yes' ? { StoppedByUser: true } : {}),
  }
}

/** What it exposes, unless the network is not its own. */
function ownPorts(config: ContainerRecord['config']): readonly string[] {
  const kind = config.spec.network?.mode?.kind
  return kind === 'host' || kind === 'container' ? [] : exposedPorts(config)
}

/** Before the first start there is nothing to say. */
const inspectHealth = ({ startedAt }: ContainerStatus, { Status, FailingStreak, Log }: HealthLog) => ({
  Status: startedAt === undefined ? '' : Status,
  FailingStreak,
  Log: Log.length > 0 ? Log : null,
})

async function imageDigest(rooms: Pick<Rooms, 'store'>, imageId: string): Promise<string> {
  if (!imageId) return ''
  const image = await (await rooms.store()).images.get(imageId).catch(() => undefined)
  return image?.digest ?? ''
}

async function graphData(
  rooms: Pick<Rooms, 'store' | 'options'>,
  id: string,
  status: ContainerStatus,
): Promise<Readonly<Record<string, string>>> {
  const container = await (await rooms.store()).containers.get(id).catch(() => undefined)
  if (!container || rooms.options.graphDriver !== 'overlay') return {}
  const directory = (layer: string): string => `${rooms.options.root}/overlay/${layer}`
  const home = directory(container.layer)
  const below = await layersBelow(await rooms.store(), container.layer)
  return {
    ...(below.length > 0 ? { LowerDir: below.map(layer => `${directory(layer)}/diff`).join(':') } : {}),
    ...(status.mountPoint ? { MergedDir: status.mountPoint } : {}),
    UpperDir: `${home}/diff`,
    WorkDir: `${home}/work`,
  }
}

async function layersBelow(store: Pick<Store, 'layers'>, id: string): Promise<readonly string[]> {
  const parent = (await store.layers.get(id))?.parent
  return parent ? [parent, ...(await layersBelow(store, parent))] : []
}
