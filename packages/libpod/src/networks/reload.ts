import { withContainer } from '../containers/lock.ts'
import { LibpodError } from '../errors.ts'
import type { ContainerRecord } from '../state/container.ts'
import { connectContainer, disconnectContainer, nameOnNetwork, withInterfaces } from './attach.ts'
import { type NetworkRooms, settingsOf } from './rooms.ts'

/**
 * Makes a running container's network rules anew, as after a firewall was flushed; its addresses stay as they are.
 * @throws LibpodError CONTAINER_UNKNOWN, CONTAINER_STATE, NETWORK_FAILED
 */
export async function reloadNetworks(rooms: NetworkRooms, container: string): Promise<void> {
  const { id } = rooms.state.containers.find(container)
  await withContainer(rooms, id, record => reload(rooms, record))
}

async function reload(rooms: NetworkRooms, record: ContainerRecord): Promise<void> {
  const { id, config, status } = record
  const { netns, networks: before = {} } = status
  if (netns === undefined) {
    throw new LibpodError('CONTAINER_STATE', 'cannot reload network configuration for container that is not running', {
      subject: id,
    })
  }
  const named = withInterfaces(config.networks, { defaultNetwork: settingsOf(rooms).defaultNetwork, aliases: [] })
  const connection = { id, name: nameOnNetwork(rooms, record), netns, networks: named, ports: config.ports }
  await disconnectContainer(rooms, connection)
  const same = named.map(network => ({
    ...network,
    ...addressesOf(before[network.name]?.interfaces[network.interfaceName]),
  }))
  const networks = await connectContainer(rooms, { ...connection, networks: same })
  rooms.state.containers.setStatus(id, { ...status, networks })
}

function addressesOf(
  held: { readonly mac: string; readonly subnets: readonly { readonly ipnet: string }[] } | undefined,
) {
  if (!held) return {}
  return {
    staticIps: held.subnets.map(({ ipnet }) => ipnet.replace(/\/.*$/, '')),
    ...(held.mac !== '' && { staticMac: held.mac }),
  }
}
