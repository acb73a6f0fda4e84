import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Mount } from '@libpod/runtime-tools'
import { LibpodError } from '../errors.ts'
import type { NetworkStatus } from '../networks/backend.ts'
import {
  hostAddress,
  hostnameText,
  hostsText,
  ownEntries,
  resolvConfSource,
  resolvConfText,
} from '../networks/files.ts'
import { programMode } from '../networks/programs/table.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { giveToRoot } from './mapped-root.ts'
import { type ContainerPaths, containerPaths } from './paths.ts'

export interface FileSources {
  readonly record: ContainerRecord
  readonly paths: ContainerPaths
  readonly networks: Readonly<Record<string, NetworkStatus>>
}

/** Writes the files that the engine gives a container, and says where each is to be mounted. */
export function writeFiles(rooms: Pick<Rooms, 'config' | 'options'>, sources: FileSources): readonly Mount[] {
  const { record, paths } = sources
  mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  const network = record.config.spec.network ?? {}
  const texts: [destination: string, text: string | undefined][] = [
    [
      '/etc/hosts',
      network.hostsFile === 'leave' || rooms.config.containers.hostsFile === 'leave'
        ? undefined
        : hosts(rooms, sources),
    ],
    [
      '/etc/resolv.conf',
      network.resolvConf === 'leave' || network.mode?.kind === 'none' ? undefined : resolvConf(rooms, sources),
    ],
    [
      '/etc/hostname',
      network.hostnameFile === 'leave' ? undefined : hostnameText(record.config.hostname || hostName()),
    ],
    ['/run/.containerenv', bindsRun(record) ? undefined : containerEnv(rooms, record)],
  ]
  const files = texts.flatMap(([destination, text]) =>
    text === undefined ? [] : [put(paths, destination, text, record)],
  )
  const roots = record.config.spec.mounts?.chrootDirs ?? []
  const again = roots.flatMap(root => files.map(file => ({ ...file, destination: join(root, file.destination) })))
  return [...files, ...again]
}

function put(paths: ContainerPaths, destination: string, text: string, record: ContainerRecord): Mount {
  const source = join(paths.run, destination.slice(destination.lastIndexOf('/') + 1))
  writeFileSync(source, text, { mode: 0o644 })
  giveToRoot(record, source)
  const readonly = record.config.spec.mounts?.rootfs?.readonly === 'yes'
  return {
    destination,
    type: 'bind',
    source,
    options: ['bind', 'rprivate', ...(readonly ? ['ro', 'nosuid', 'noexec', 'nodev'] : [])],
  }
}

/** What the container whose network this one joins was told of it; by its id. */
function fileOfJoined(
  { options }: Pick<Rooms, 'options'>,
  { config }: ContainerRecord,
  name: 'hosts' | 'resolv.conf',
): string | undefined {
  const mode = config.spec.network?.mode
  return mode?.kind === 'container' ? optional(join(containerPaths(options, mode.container).run, name)) : undefined
}

function hosts(rooms: Pick<Rooms, 'config' | 'options'>, { record, networks }: FileSources): string {
  const { spec, hostname } = record.config
  const shared = fileOfJoined(rooms, record, 'hosts')
  if (shared !== undefined)
    return hostsText({
      base: shared,
      added: spec.network?.hosts ?? [],
      own: [{ ip: '127.0.0.1', names: [record.name] }],
    })
  const base = spec.network?.baseHostsFile || rooms.config.containers.baseHostsFile
  const names = [hostname, record.name].filter(Boolean)
  const configured = rooms.config.containers.hostContainersInternalIp
  // A plain user's bridges end in a namespace of the user's, which is not the host.
  const isBridged = rooms.options.rootless === 'yes' && record.config.networks.length > 0
  const known = configured || (isBridged ? undefined : hostAddress(networks)) || addressOfHost()
  const gateway = configured === 'none' ? undefined : known
  return hostsText({
    base: base === 'none' || base === 'image' ? '' : base ? needed(base) : (optional('/etc/hosts') ?? ''),
    added: spec.network?.hosts ?? [],
    own: spec.network?.mode?.kind === 'none' ? [{ ip: '127.0.0.1', names }] : ownEntries(networks, names),
    ...(gateway ? { hostGateway: gateway } : {}),
  })
}

/** Of an interface that leads out of the host: what a container without a bridge reaches it by. */
const addressOfHost = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

function resolvConf(rooms: Pick<Rooms, 'config' | 'options'>, { record, networks }: FileSources): string {
  const shared = fileOfJoined(rooms, record, 'resolv.conf')
  if (shared !== undefined) return shared
  const dns = { ...rooms.config.containers.dns, ...record.config.spec.network?.dns }
  const statuses = Object.values(networks)
  const servers = statuses.flatMap(({ dnsServers }) => dnsServers)
  const text = optional('/etc/resolv.conf') ?? ''
  return resolvConfText({
    host: optional(resolvConfSource(text)) ?? text,
    servers: dns.servers ?? [],
    search: dns.search ?? [],
    options: dns.options ?? [],
    ...(programMode(record.config.spec.network?.mode)
      ? { forwarders: servers }
      : { networkServers: servers, forwarders: statuses.flatMap(({ forwarders = [] }) => forwarders).slice(0, 1) }),
    networkSearch: statuses.flatMap(({ dnsSearch }) => dnsSearch),
    loopback: record.config.spec.network?.mode?.kind === 'host' ? 'keep' : 'drop',
  })
}

/** A directory that the user mounts at /run is left as it is; a tmpfs there is the container's own. */
function bindsRun({ config: { spec } }: ContainerRecord): boolean {
  const mounts = spec.mounts?.mounts ?? []
  return mounts.some(({ kind, destination }) => kind !== 'tmpfs' && destination.replace(/\/+$/, '') === '/run')
}

/** Empty, but for a privileged container, which is told who it is. */
function containerEnv({ options }: Pick<Rooms, 'options'>, { id, name, config }: ContainerRecord): string {
  if (config.spec.security?.privileged !== 'yes') return ''
  const rootless = options.rootless === 'yes' ? 1 : 0
  return `engine="podman-5.8.2"\nname="${name}"\nid="${id}"\nimage="${config.imageName}"\nimageid="${config.imageId}"\nrootless=${rootless}\n`
}

const hostName = (): string => optional('/proc/sys/kernel/hostname')?.trim() ?? ''

/** A file that somebody named. @throws LibpodError SPEC_INVALID */
function needed(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? `open ${path}: no such file or directory`
        : (cause as Error).message
    throw new LibpodError('SPEC_INVALID', `failed to create new hosts file: ${reason}`, { subject: path, cause })
  }
}

function optional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
