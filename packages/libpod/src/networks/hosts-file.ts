import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerPaths } from '../containers/paths.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { NetworkStatus } from './backend.ts'
import { ownEntries, withEntries, withoutAddresses } from './files.ts'
import type { NetworkRooms } from './rooms.ts'

type Statuses = Readonly<Record<string, NetworkStatus>>

/** A running container is told of the addresses that it has got; what it wrote into the file itself stays. */
export function addToHosts(rooms: NetworkRooms, container: ContainerRecord, got: Statuses): void {
  const names = [container.config.hostname, container.name].filter(Boolean)
  rewrite(rooms, container, text => withEntries(text, ownEntries(got, names)))
}

/** A running container is told that it has these addresses no more. */
export function removeFromHosts(rooms: NetworkRooms, container: ContainerRecord, lost: Statuses): void {
  const ips = new Set(ownEntries(lost, []).map(({ ip }) => ip))
  rewrite(rooms, container, text => withoutAddresses(text, ips))
}

/** The file is changed where it is, for it is mounted. What a container has blown up is left to it. */
function rewrite({ options }: NetworkRooms, { id }: ContainerRecord, change: (text: string) => string): void {
  const path = join(containerPaths(options, id).run, 'hosts')
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined || size > 1 << 20) return
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}
