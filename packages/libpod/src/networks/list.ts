import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import { networkTest, splitDangling } from './filters.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { NetworkRecord } from './networks.ts'
import type { NetworkRooms } from './rooms.ts'

/** Networks by filters, sorted by name. @throws LibpodError SPEC_INVALID */
export async function listNetworks(rooms: NetworkRooms, filters: Filters = {}): Promise<readonly NetworkRecord[]> {
  const { rest, dangling } = splitDangling(filters)
  const test = networkTest(rest)
  const networks = [...(await loadNetworks(rooms.networkSettings)).values()].map(({ record }) => record).filter(test)
  const sorted = networks.sort((one, other) => (one.name < other.name ? -1 : 1))
  if (dangling === undefined) return sorted
  const users = await usersByNetwork(rooms)
  const isDangling = ({ name }: NetworkRecord): boolean =>
    name !== rooms.networkSettings.defaultNetwork && !users.has(name)
  return sorted.filter(network => isDangling(network) === dangling)
}

/** @throws LibpodError NETWORK_UNKNOWN, NAME_AMBIGUOUS */
export async function inspectNetwork(rooms: NetworkRooms, name: string): Promise<NetworkRecord> {
  return findNetwork(await loadNetworks(rooms.networkSettings), name).record
}

/** The ids of containers by the names of their networks. */
export async function usersByNetwork(rooms: NetworkRooms): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, string[]>()
  for (const { id, networks } of await rooms.containers.list({ which: 'all' })) {
    for (const network of networks) users.set(network, [...(users.get(network) ?? []), id])
  }
  return users
}

export async function networkExists(rooms: NetworkRooms, name: string): Promise<boolean> {
  return inspectNetwork(rooms, name).then(
    () => true,
    (error: unknown) => {
      if (error instanceof LibpodError && error.code === 'NETWORK_UNKNOWN') return false
      throw error
    },
  )
}
