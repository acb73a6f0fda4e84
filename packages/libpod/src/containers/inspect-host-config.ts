import { pidsLimitOf } from '../plan/resources.ts'
import { usualShmSize } from '../plan/shm-size.ts'
import { cgroupsPath, limitsFor } from '../plan/spec.ts'
import type { Rooms } from '../rooms.ts'
import type { NetworkSpec } from '../spec/network.ts'
import type { SecuritySpec } from '../spec/security.ts'
import type { ContainerRecord, IdMappings } from '../state/container.ts'
import { withUsual } from './bind-options.ts'
import { goesAtEnd } from './goes-at-end.ts'
import { changedCapabilities, type ShownCapabilities, usualCapabilities } from './inspect-capabilities.ts'
import { annotationsOf } from './inspect-config.ts'
import { portBindings } from './inspect-network.ts'
import type { StartedSpec } from './started-spec.ts'

interface Found {
  readonly spec: StartedSpec | undefined
  readonly capabilities: ShownCapabilities
}

/** The `HostConfig` object of an inspected container: what it may do on this host. */
export function inspectHostConfig(
  rooms: Pick<Rooms, 'config'>,
  record: ContainerRecord,
  found: Found,
): Readonly<Record<string, unknown>> {
  const { config } = record
  const { spec } = config
  const { security = {}, resources = {}, network = {}, mounts = {} } = spec
  const namespaces = security.namespaces ?? {}
  return {
    Binds: binds(record),
    CgroupManager: config.cgroupManager,
    CgroupMode: modeOf(namespaces.cgroup, 'host'),
    ContainerIDFile: spec.cidFile ?? '',
    LogConfig: {
      Type: config.logDriver,
      Config: null,
      Path: logFile(config),
      Tag: spec.log?.tag ?? '',
      Size: sizeText(spec.log?.maxSize || rooms.config.containers.logSizeMax || -1),
    },
    NetworkMode: networkMode(network),
    PortBindings: portBindings(record),
    RestartPolicy: { Name: spec.restart?.name ?? 'no', MaximumRetryCount: spec.restart?.maxRetries ?? 0 },
    AutoRemove: goesAtEnd(config),
    AutoRemoveImage: spec.onExit === 'remove-with-image',
    Annotations: annotationsOf(record, found.spec),
    VolumeDriver: '',
    VolumesFrom: mounts.volumesFrom ?? null,
    ...changedCapabilities(found.capabilities, usualCapabilities(rooms, config)),
    Dns: network.dns?.servers ?? [],
    DnsOptions: network.dns?.options ?? [],
    DnsSearch: network.dns?.search ?? [],
    ExtraHosts: network.hosts ?? [],
    HostsFile: network.baseHostsFile ?? '',
    GroupAdd: spec.process?.supplementaryGroups?.filter(name => name !== 'keep-groups') ?? [],
    IpcMode: modeOf(namespaces.ipc, 'shareable'),
    Cgroup: '',
    Cgroups: resources.cgroups ?? 'default',
    Links: null,
    OomScoreAdj: spec.process?.oomScoreAdj ?? 0,
    PidMode: modeOf(namespaces.pid, 'private'),
    Privileged: security.privileged === 'yes',
    PublishAllPorts: network.publishAll === 'yes',
    ReadonlyRootfs: mounts.rootfs?.readonly === 'yes',
    SecurityOpt: securityOptions(security),
    Tmpfs: Object.fromEntries(
      (mounts.mounts ?? []).flatMap(mount =>
        mount.kind === 'tmpfs'
          ? [[mount.destination, withUsual(mount.options, ['rprivate', 'nosuid', 'nodev', 'tmpcopyup']).join(',')]]
          : [],
      ),
    ),
    UTSMode: modeOf(namespaces.uts, 'private'),
    UsernsMode: usersMode(namespaces.user, config.idMappings !== undefined),
    ...(config.idMappings ? { IDMappings: idMappings(config.idMappings) } : {}),
    ShmSize: mounts.shmSize ?? usualShmSize,
    Runtime: 'oci',
    ConsoleSize: [0, 0],
    Isolation: '',
    CpuShares: resources.cpu?.shares ?? 0,
    Memory: resources.memory?.limit ?? 0,
    NanoCpus: nanoCpus(resources.cpu),
    CgroupParent: resources.cgroupParent ?? '',
    BlkioWeight: resources.blockIo?.weight ?? 0,
    BlkioWeightDevice: null,
    BlkioDeviceReadBps: null,
    BlkioDeviceWriteBps: null,
    BlkioDeviceReadIOps: null,
    BlkioDeviceWriteIOps: null,
    CpuPeriod: resources.cpu?.period ?? 0,
    CpuQuota: resources.cpu?.quota ?? 0,
    CpuRealtimePeriod: resources.cpu?.realtimePeriod ?? 0,
    CpuRealtimeRuntime: resources.cpu?.realtimeRuntime ?? 0,
    CpusetCpus: resources.cpu?.cpus ?? '',
    CpusetMems: resources.cpu?.mems ?? '',
    Devices: (security.devices ?? []).map(({ hostPath, containerPath }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath ?? hostPath,
      // Podman's own: it tells of none.
      CgroupPermissions: '',
    })),
    DiskQuota: 0,
    KernelMemory: 0,
    MemoryReservation: resources.memory?.reservation ?? 0,
    MemorySwap: resources.memory?.swap ?? (resources.memory?.limit ?? 0) * 2,
    // Podman's own: -1 is said only beside another limit.
    MemorySwappiness: resources.memory?.swappiness ?? (resources.memory ? -1 : 0),
    OomKillDisable: resources.memory?.oomKill === 'off',
    ...(spec.init ? { Init: true } : {}),
    PidsLimit: resources.pids?.limit ?? pidsLimitOf(config, rooms.config.containers),
    Ulimits: (limitsFor(spec.process?.rlimits ?? [], rooms.config.containers) ?? []).map(({ type, soft, hard }) => ({
      Name: `RLIMIT_${type.toUpperCase()}`,
      Soft: soft,
      Hard: hard,
    })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    CgroupConf: resources.unified ?? null,
    ...(config.cgroupManager === 'systemd' ? { CgroupPath: cgroupsPath(record) } : {}),
  }
}

type Mode = { readonly kind: string; readonly container?: string; readonly path?: string } | undefined

function modeOf(mode: Mode, usual: string): string {
  if (!mode) return usual
  if (mode.kind === 'container') return `container:${mode.container}`
  return mode.kind === 'path' ? `ns:${mode.path}` : mode.kind
}

/** Whatever its ids were asked for by: what counts is that they are its own. */
function usersMode(mode: Mode, hasOwn: boolean): string {
  if (mode?.kind === 'container' || mode?.kind === 'path') return modeOf(mode, '')
  return hasOwn ? 'private' : ''
}

function networkMode({ mode }: NetworkSpec): string {
  if (!mode || mode.kind === 'bridge') return 'bridge'
  return modeOf(mode, 'bridge')
}

function binds({ config }: ContainerRecord): readonly string[] {
  const asked = (config.spec.mounts?.mounts ?? []).flatMap(mount =>
    mount.kind === 'bind'
      ? [`${mount.source}:${mount.destination}:${withUsual(mount.options, ['rprivate', 'rbind']).join(',')}`]
      : mount.kind === 'ramfs' || mount.kind === 'devpts'
        ? [[mount.kind, mount.destination, ...(mount.options.length > 0 ? [mount.options.join(',')] : [])].join(':')]
        : [],
  )
  return [
    ...config.volumes.map(
      ({ name, destination, options }) =>
        `${name}:${destination}:${withUsual(options, ['rprivate', 'nosuid', 'nodev', 'rbind']).join(',')}`,
    ),
    ...asked,
  ]
}

/** `container:host:size`, as `--uidmap` has them. */
function idMappings({ uids, gids }: IdMappings) {
  const text = ({ containerId, hostId, size }: IdMappings['uids'][number]) => `${containerId}:${hostId}:${size}`
  return { UidMap: uids.map(text), GidMap: gids.map(text) }
}

/** Microseconds: with it a quota is one in processors. */
const usualPeriod = 100_000

/** Drivers that write no file tell one only where it was asked for. */
function logFile({ logDriver, logPath, spec }: ContainerRecord['config']): string {
  return logDriver === 'k8s-file' || logDriver === 'json-file' ? logPath : (spec.log?.path ?? '')
}

function nanoCpus(cpu: { readonly quota?: number; readonly period?: number } | undefined): number {
  return cpu?.period === usualPeriod && cpu.quota && cpu.quota > 0 ? Math.round((cpu.quota / usualPeriod) * 1e9) : 0
}

/** `1.095MB`: powers of 1000, four significant digits; `-1B` is no limit. */
function sizeText(bytes: number): string {
  if (bytes < 0) return '-1B'
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), 4)
  return `${Number((bytes / 1000 ** power).toPrecision(4))}${['B', 'kB', 'MB', 'GB', 'TB'][power]}`
}

/** As `--security-opt` has them, in Podman's order; labels are one option, however many there are. */
const securityOptions = (security: SecuritySpec): readonly string[] => [
  ...(security.noNewPrivileges === 'yes' ? ['no-new-privileges'] : []),
  ...(security.labels?.length ? [security.labels.map(label => `label=${label}`).join(',')] : []),
  ...(security.seccomp ? [`seccomp=${security.seccomp}`] : []),
  ...(security.apparmor ? [`apparmor=${security.apparmor}`] : []),
  ...(security.privileged === 'yes' || security.unmask?.some(path => /^all$/i.test(path)) ? ['unmask=all'] : []),
]
