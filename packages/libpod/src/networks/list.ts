import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import { networkTest, splitDangling } from './filters.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { NetworkRecord } from './networks.ts'
import { type NetworkRooms, settingsOf } from './rooms.ts'

/** Networks by filters, sorted by name. @throws LibpodError SPEC_INVALID */
export async function listNetworks(rooms: NetworkRooms, filters: Filters = {}): Promise<readonly NetworkRecord[]> {
  const { rest, dangling } = splitDangling(filters)
  const test = networkTest(rest)
  const networks = [...(await loadNetworks(settingsOf(rooms))).values()].map(({ record }) => record).filter(test)
  const sorted = networks.sort((one, other) => (one.name < other.name ? -1 : 1))
  if (dangling === undefined) return sorted
  const { defaultNetwork } = settingsOf(rooms)
  const isDangling = ({ name }: NetworkRecord): boolean =>
    name !== defaultNetwork && rooms.state.containers.usersOfNetwork(name).length === 0
  return sorted.filter(network => isDangling(network) === dangling)
}

/** @throws LibpodError NETWORK_UNKNOWN, NAME_AMBIGUOUS */
export async function inspectNetwork(rooms: NetworkRooms, name: string): Promise<NetworkRecord> {
  return findNetwork(await loadNetworks(settingsOf(rooms)), name).record
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
