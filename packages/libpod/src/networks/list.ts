import { isRunning } from '../containers/liveness.ts'
import { LibpodError } from '../errors.ts'
import type { Filters } from '../filters/values.ts'
import { networkTest, splitDangling } from './filters.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { InspectedNetwork, NetworkRecord } from './networks.ts'
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
export async function inspectNetwork(rooms: NetworkRooms, name: string): Promise<InspectedNetwork> {
  const { record } = findNetwork(await loadNetworks(settingsOf(rooms)), name)
  const users = rooms.state.containers.usersOfNetwork(record.name).flatMap(id => rooms.state.containers.byId(id) ?? [])
  const containers = users.flatMap(user => {
    const status = isRunning(rooms, user) ? user.status.networks?.[record.name] : undefined
    return status ? [[user.id, { name: user.name, interfaces: status.interfaces }] as const] : []
  })
  return { ...record, containers: Object.fromEntries(containers) }
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
