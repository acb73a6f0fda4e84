import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerPaths } from '../containers/paths.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { NetworkStatus } from './backend.ts'
import { ownEntries, withEntries, withoutAddresses, withoutServers, withServers } from './files.ts'
import type { NetworkRooms } from './rooms.ts'

type Statuses = Readonly<Record<string, NetworkStatus>>

/** A running container is told of the addresses and name servers that it has got; what it wrote into the files itself stays. */
export function tellOfNetworks(rooms: NetworkRooms, container: ContainerRecord, got: Statuses): void {
  const names = [container.config.hostname, container.name].filter(Boolean)
  rewrite(rooms, container, { name: 'hosts', change: text => withEntries(text, ownEntries(got, names)) })
  // Whoever asked for servers has those and no others.
  if (asked(rooms, container)) return
  rewrite(rooms, container, { name: 'resolv.conf', change: text => withServers(text, serversOf(got)) })
}

/** A running container is told that it has these no more. */
export function tellOfLost(rooms: NetworkRooms, container: ContainerRecord, lost: Statuses): void {
  const ips = new Set(ownEntries(lost, []).map(({ ip }) => ip))
  rewrite(rooms, container, { name: 'hosts', change: text => withoutAddresses(text, ips) })
  if (asked(rooms, container)) return
  rewrite(rooms, container, { name: 'resolv.conf', change: text => withoutServers(text, serversOf(lost)) })
}

const serversOf = (statuses: Statuses): readonly string[] =>
  Object.values(statuses).flatMap(({ dnsServers }) => dnsServers)

function asked({ config }: NetworkRooms, container: ContainerRecord): boolean {
  const servers = container.config.spec.network?.dns?.servers ?? config.containers.dns.servers
  return (servers?.length ?? 0) > 0
}

interface Rewriting {
  readonly name: 'hosts' | 'resolv.conf'
  readonly change: (text: string) => string
}

/** The file is changed where it is, for it is mounted. What a container has blown up is left to it. */
function rewrite({ options }: NetworkRooms, { id }: ContainerRecord, { name, change }: Rewriting): void {
  const path = join(containerPaths(options, id).run, name)
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined || size > 1 << 20) return
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}
