import type { ContainerSummary } from '@libpod/libpod'
import { ago, humanDuration } from '../print/age.ts'
import { humanSize } from '../print/size.ts'
import { portsText } from './ports.ts'

export interface RowOptions {
  readonly ids: 'short' | 'full'
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What templates see of a container, by the names that Podman documents. */
export function rowOf(container: ContainerSummary, { ids, now }: RowOptions) {
  const short = (id: string) => (ids === 'short' ? id.slice(0, 12) : id)
  const { labels, size, pod } = container
  return {
    ID: short(container.id),
    Image: container.image,
    ImageID: short(container.imageId),
    Command: commandText(container.command, ids),
    Created: goTime(container.created),
    CreatedAt: goTime(container.created),
    CreatedHuman: ago(container.created, now),
    RunningFor: ago(container.created, now),
    Status: statusText(container, now),
    State: stateText(container),
    Ports: portsText(container),
    ExposedPorts: container.exposedPorts.join(', '),
    Names: container.names.join(','),
    Labels: labels,
    Label: (name: string) => (Object.hasOwn(labels, name) ? labels[name] : ''),
    Mounts: container.mounts,
    Networks: container.networks.join(','),
    Pid: container.pid ?? 0,
    Pod: pod ? short(pod.id) : '',
    PodName: pod?.name ?? '',
    Size: size ? `${humanSize(size.rw, 3)} (virtual ${humanSize(size.rootFs, 3)})` : '',
    AutoRemove: container.autoRemove === 'yes',
    IsInfra: container.infra === 'yes',
    Exited: container.state === 'exited' || container.state === 'stopped',
    ExitCode: container.exitCode ?? 0,
    ExitedAt: epoch(container.exitedAt),
    StartedAt: epoch(container.startedAt),
    Restarts: container.restarts,
    CIDFile: container.cidFile ?? '',
    CGROUPNS: container.namespaces.cgroup,
    IPC: container.namespaces.ipc,
    MNT: container.namespaces.mnt,
    NET: container.namespaces.net,
    PIDNS: container.namespaces.pidns,
    USERNS: container.namespaces.user,
    UTS: container.namespaces.uts,
    Cgroup: container.namespaces.cgroup,
    User: container.namespaces.user,
    Namespaces: namespacesOf(container),
  }
}

/** Under the names that Podman's templates have for them. */
function namespacesOf({ namespaces: { cgroup, ipc, mnt, net, pidns, user, uts } }: ContainerSummary) {
  return { Cgroup: cgroup, IPC: ipc, MNT: mnt, NET: net, PIDNS: pidns, User: user, UTS: uts }
}

export type Row = ReturnType<typeof rowOf>

/** Column heads where they differ from the upper-case field name. */
export const headings: Readonly<Record<string, string>> = {
  ID: 'CONTAINER ID',
  ImageID: 'IMAGE ID',
  Created: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedHuman: 'CREATED',
  RunningFor: 'RUNNING FOR',
  Cgroup: 'CGROUPNS',
  User: 'USERNS',
  Pod: 'POD ID',
  PodName: 'PODNAME',
  IsInfra: 'IS INFRA',
  ExitCode: 'EXIT CODE',
  ExitedAt: 'EXITED AT',
  StartedAt: 'STARTED AT',
}

const epoch = (milliseconds: number | undefined) =>
  milliseconds === undefined ? -62135596800 : Math.floor(milliseconds / 1000)

function commandText(words: readonly string[], ids: RowOptions['ids']): string {
  const line = words.join(' ')
  return ids === 'short' && line.length > 17 ? `${line.slice(0, 17)}...` : line
}

/** The engine knows no state of containers that other tools made. */
export const stateText = ({ external, state }: ContainerSummary): string => (external === 'yes' ? 'storage' : state)

/** `Up 3 minutes (healthy)`, `Exited (1) 2 hours ago`, `Created`. */
export function statusText(container: ContainerSummary, now: number): string {
  const { state, health } = container
  if (container.external === 'yes') return 'Storage'
  if (state === 'running') {
    const up = `Up ${humanDuration(now - (container.startedAt ?? now))}`
    return health ? `${up} (${health})` : up
  }
  if (state === 'exited' || state === 'stopped')
    return `Exited (${container.exitCode ?? 0}) ${ago(container.exitedAt ?? now, now)}`
  return `${state.slice(0, 1).toUpperCase()}${state.slice(1)}`
}

/** Go's way to print a local time: `2026-01-02 15:04:05.123 +0100 CET`. */
export function goTime(milliseconds: number): string {
  const date = new Date(milliseconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  const name = offset === 0 ? 'UTC' : (/\(([^)]+)\)/.exec(date.toString())?.[1]?.replace(/[^A-Z]/g, '') ?? zone)
  const fraction =
    date.getMilliseconds() === 0 ? '' : `.${String(date.getMilliseconds()).padStart(3, '0').replace(/0+$/, '')}`
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${fraction} ${zone} ${name}`
}
