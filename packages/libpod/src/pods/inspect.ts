import type { DeviceRate, ResourceSpec } from '../spec/resources.ts'
import type { NamespaceMode } from '../spec/security.ts'
import type { ContainerRecord } from '../state/container.ts'
import { timestamp } from '../timestamp.ts'
import { cgroupParent } from './cgroup.ts'
import { findPod, membersOf, podStatus } from './members.ts'
import type { PodRooms } from './rooms.ts'
import type { PodRecord } from './table.ts'

/** What `podman pod inspect` prints, key by key in its order. @throws LibpodError POD_UNKNOWN */
export async function inspectPod(rooms: PodRooms, name: string): Promise<Readonly<Record<string, unknown>>> {
  const pod = findPod(rooms, name)
  const members = await membersOf(rooms, pod)
  const infra = rooms.state.containers.byId(pod.infraId)
  const of = infra ? await hostSide(rooms, infra) : { mounts: [], devices: [], securityOptions: [] }
  const { spec, shares, exitPolicy } = pod.config
  return {
    Id: pod.id,
    Name: pod.name,
    Created: timestamp(new Date(pod.created)),
    ...(spec.createCommand && { CreateCommand: spec.createCommand }),
    ExitPolicy: exitPolicy,
    State: podStatus(members),
    Hostname: spec.hostname ?? '',
    ...(spec.labels && Object.keys(spec.labels).length > 0 && { Labels: spec.labels }),
    CreateCgroup: spec.shareParent !== 'no',
    CgroupParent: cgroupParent(rooms.options, spec.resources?.cgroupParent),
    CgroupPath: pod.config.cgroup,
    CreateInfra: pod.config.infra === 'yes',
    ...(pod.infraId && { InfraContainerID: pod.infraId }),
    ...(infra && { InfraConfig: infraConfig(pod, infra) }),
    ...(shares.length > 0 && { SharedNamespaces: shares }),
    NumContainers: members.length,
    ...(members.length > 0 && {
      Containers: members.map(({ id, name: own, state }) => ({ Id: id, Name: own, State: state })),
    }),
    ...figuresOf(spec.resources ?? {}),
    ...(of.mounts.length > 0 && { mounts: of.mounts }),
    ...(of.devices.length > 0 && { devices: of.devices }),
    ...(spec.mounts?.volumesFrom && { volumes_from: spec.mounts.volumesFrom }),
    ...(of.securityOptions.length > 0 && { security_opt: of.securityOptions }),
    ...(spec.restart && { RestartPolicy: spec.restart.name }),
    LockNumber: 0,
  }
}

/** What the infra container has of the host, which the pod's other containers get from it. */
async function hostSide(rooms: PodRooms, infra: ContainerRecord) {
  const { Mounts, HostConfig } = await rooms.containers.inspect(infra.id)
  const { Devices, SecurityOpt } = HostConfig as Readonly<Record<string, unknown>>
  return {
    mounts: Mounts as readonly unknown[],
    devices: Devices as readonly unknown[],
    securityOptions: SecurityOpt as readonly unknown[],
  }
}

/** Limits by the names that they have here; bytes and microseconds. Those that nobody asked for are left out. */
function figuresOf({ cpu = {}, memory = {}, blockIo = {} }: ResourceSpec): Readonly<Record<string, unknown>> {
  const rates = (list: readonly DeviceRate[] | undefined) => list?.map(({ path, rate }) => ({ Path: path, Rate: rate }))
  const all = {
    cpu_period: cpu.period,
    cpu_quota: cpu.quota,
    cpu_shares: cpu.shares,
    cpuset_cpus: cpu.cpus,
    cpuset_mems: cpu.mems,
    device_read_bps: rates(blockIo.readBps),
    device_write_bps: rates(blockIo.writeBps),
    memory_limit: memory.limit,
    memory_swap: memory.swap,
    blkio_weight: blockIo.weight,
    blkio_weight_device: blockIo.weightDevices?.map(({ path, weight }) => ({ Path: path, Weight: weight })),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function infraConfig(pod: PodRecord, { config }: ContainerRecord): Readonly<Record<string, unknown>> {
  const network = pod.config.spec.network ?? {}
  const namespaces = pod.config.spec.security?.namespaces
  const [first] = config.networks
  return {
    PortBindings: portBindings(config.ports),
    HostNetwork: network.mode?.kind === 'host',
    StaticIP: first?.staticIps?.[0] ?? '',
    StaticMAC: first?.staticMac ?? '',
    NoManageResolvConf: network.resolvConf === 'leave',
    DNSServer: network.dns?.servers ?? null,
    DNSSearch: network.dns?.search ?? null,
    DNSOption: network.dns?.options ?? null,
    NoManageHostname: network.hostnameFile === 'leave',
    NoManageHosts: network.hostsFile === 'leave',
    HostAdd: network.hosts ?? null,
    HostsFile: network.baseHostsFile ?? '',
    Networks: config.networks.length > 0 ? config.networks.map(({ name }) => name) : null,
    NetworkOptions: null,
    pid_ns: wordOf(namespaces?.pid),
    userns: 'host',
    uts_ns: wordOf(namespaces?.uts),
  }
}

const wordOf = (mode: NamespaceMode | undefined): string =>
  mode?.kind === 'path' ? `ns:${mode.path}` : mode?.kind === 'host' ? 'host' : 'private'

/** `80/tcp` → where it is published. */
export function portBindings(ports: ContainerRecord['config']['ports']) {
  const single = ports.flatMap(({ hostIp = '', hostPort = 0, containerPort, range = 1, protocol }) =>
    Array.from({ length: range }, (_, offset) => ({
      key: `${containerPort + offset}/${protocol}`,
      binding: { HostIp: hostIp || '0.0.0.0', HostPort: String(hostPort + offset) },
    })),
  )
  const groups = Map.groupBy(single, ({ key }) => key)
  return Object.fromEntries([...groups].map(([key, each]) => [key, each.map(({ binding }) => binding)]))
}
