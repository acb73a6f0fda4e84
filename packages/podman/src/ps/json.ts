import type { ContainerSummary } from '@libpod/libpod'
import { ago } from '../print/age.ts'
import { stateText, statusText } from './row.ts'

/** One container of `ps --format json`, with Podman's keys, order and types. */
export function jsonOf(container: ContainerSummary, now: number) {
  const seconds = (at: number | undefined) => (at === undefined ? -62135596800 : Math.floor(at / 1000))
  return {
    AutoRemove: container.autoRemove === 'yes',
    Command: container.command.length > 0 ? container.command : null,
    CreatedAt: ago(container.created, now),
    CIDFile: container.cidFile ?? '',
    Exited: container.state === 'exited' || container.state === 'stopped',
    ExitedAt: seconds(container.exitedAt),
    ExitCode: container.exitCode ?? 0,
    ExposedPorts: exposedOf(container.exposedPorts),
    Id: container.id,
    Image: container.image,
    ImageID: container.imageId,
    IsInfra: container.infra === 'yes',
    Labels: Object.keys(container.labels).length > 0 ? container.labels : null,
    Mounts: container.mounts,
    Names: container.names,
    Namespaces: namespacesOf(container),
    Networks: container.networks,
    Pid: container.pid ?? 0,
    Pod: container.pod?.id ?? '',
    PodName: container.pod?.name ?? '',
    Ports: portsOf(container),
    Restarts: container.restarts,
    Size: container.size ? { rootFsSize: container.size.rootFs, rwSize: container.size.rw } : null,
    StartedAt: seconds(container.startedAt),
    State: stateText(container),
    Status: statusText(container, now),
    Created: Math.floor(container.created / 1000),
  }
}

function exposedOf(ports: readonly string[]): Record<string, string[]> | null {
  if (ports.length === 0) return null
  const exposed: Record<string, string[]> = {}
  for (const text of ports) {
    const [port = '', protocol = 'tcp'] = text.split('/')
    exposed[port] = [...(exposed[port] ?? []), protocol]
  }
  return exposed
}

/** Those that were asked for (`--ns`), under the names that they have in JSON. */
function namespacesOf({ namespaces: { mnt, cgroup, ipc, net, pidns, uts, user } }: ContainerSummary) {
  const all = { Mnt: mnt, Cgroup: cgroup, Ipc: ipc, Net: net, Pidns: pidns, Uts: uts, User: user }
  return Object.fromEntries(Object.entries(all).filter(([, id]) => id !== ''))
}

function portsOf({ ports }: ContainerSummary) {
  if (ports.length === 0) return null
  return ports.map(({ hostIp = '', hostPort = 0, containerPort, range = 1, protocol }) => ({
    host_ip: hostIp,
    container_port: containerPort,
    host_port: hostPort,
    range,
    protocol,
  }))
}
