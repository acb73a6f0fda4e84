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
  const mounts = infra ? ((await rooms.containers.inspect(infra.id)).Mounts as readonly unknown[]) : []
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
    CreateCgroup: true,
    CgroupParent: cgroupParent(rooms.options, spec.resources?.cgroupParent),
    CgroupPath: pod.config.cgroup,
    CreateInfra: pod.config.infra === 'yes',
    InfraContainerID: pod.infraId,
    ...(infra && { InfraConfig: infraConfig(pod, infra) }),
    SharedNamespaces: shares,
    NumContainers: members.length,
    Containers: members.map(({ id, name: own, state }) => ({ Id: id, Name: own, State: state })),
    ...(mounts.length > 0 && { mounts }),
    LockNumber: 0,
  }
}

function infraConfig(pod: PodRecord, { config }: ContainerRecord): Readonly<Record<string, unknown>> {
  const network = pod.config.spec.network ?? {}
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
    NoManageHosts: network.hostsFile === 'leave',
    HostAdd: network.hosts ?? null,
    Networks: config.networks.map(({ name }) => name),
    NetworkOptions: null,
    pid_ns: pod.config.shares.includes('pid') ? 'private' : '',
    userns: 'host',
    uts_ns: 'private',
  }
}

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
