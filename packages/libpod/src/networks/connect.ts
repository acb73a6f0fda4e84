import { LibpodError } from '../errors.ts'
import type { NetworkAttachment } from '../spec/network.ts'
import { isWithin } from './conflist.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { NetworkRooms } from './rooms.ts'

/** Attaches a container to one more network, at once when it runs. @throws LibpodError NETWORK_UNKNOWN, CONTAINER_UNKNOWN, SPEC_INVALID */
export async function connectNetwork(
  rooms: NetworkRooms,
  network: string,
  container: string,
  attachment: Omit<NetworkAttachment, 'name'> = {},
): Promise<void> {
  const { record } = findNetwork(await loadNetworks(rooms.networkSettings), network)
  for (const ip of attachment.staticIps ?? []) {
    if (!isWithin(record, ip))
      throw new LibpodError('SPEC_INVALID', `requested static ip ${ip} not in any subnet on network ${record.name}`, {
        subject: ip,
      })
  }
  const target = await rooms.attachments.connect(container, { ...attachment, name: record.name })
  await rooms.events.write({
    type: 'network',
    status: 'connect',
    id: target.id,
    name: record.name,
    network: record.name,
    attributes: { container: target.id },
  })
}

/** Takes a container off a network. @throws LibpodError NETWORK_UNKNOWN, CONTAINER_UNKNOWN, SPEC_INVALID when it is not on it */
export async function disconnectNetwork(
  rooms: NetworkRooms,
  network: string,
  container: string,
  how: 'graceful' | 'force',
): Promise<void> {
  const { record } = findNetwork(await loadNetworks(rooms.networkSettings), network)
  const target = await rooms.attachments.disconnect(container, record.name, how)
  await rooms.events.write({
    type: 'network',
    status: 'disconnect',
    id: target.id,
    name: record.name,
    network: record.name,
    attributes: { container: target.id },
  })
}
