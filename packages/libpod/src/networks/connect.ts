import { withContainer } from '../containers/lock.ts'
import { LibpodError } from '../errors.ts'
import type { NetworkAttachment } from '../spec/network.ts'
import type { ContainerRecord } from '../state/container.ts'
import {
  connectContainer,
  disconnectContainer,
  freeInterface,
  type NamedAttachment,
  nameOnNetwork,
  withInterfaces,
} from './attach.ts'
import { isWithin } from './conflist.ts'
import { tellOfLost, tellOfNetworks } from './container-files.ts'
import { findNetwork, loadNetworks } from './load.ts'
import type { NetworkRecord } from './networks.ts'
import { type NetworkRooms, settingsOf } from './rooms.ts'

/** Attaches a container to one more network, at once when it runs. @throws LibpodError NETWORK_UNKNOWN, CONTAINER_UNKNOWN, SPEC_INVALID */
export async function connectNetwork(
  rooms: NetworkRooms,
  network: string,
  container: string,
  attachment: Omit<NetworkAttachment, 'name'> = {},
): Promise<void> {
  const { record } = findNetwork(await loadNetworks(settingsOf(rooms)), network)
  const { id } = rooms.state.containers.find(container)
  checkAddresses(record, attachment.staticIps ?? [])
  await withContainer(rooms, id, target => connect(rooms, onBridge(target), { record, attachment }))
}

interface Wish {
  readonly record: NetworkRecord
  readonly attachment: Omit<NetworkAttachment, 'name'>
}

async function connect(rooms: NetworkRooms, target: ContainerRecord, { record, attachment }: Wish): Promise<void> {
  if (target.config.networks.some(({ name }) => name === record.name)) {
    const text = `container ${target.id} is already connected to network ${JSON.stringify(record.name)}: network is already connected`
    throw new LibpodError('SPEC_INVALID', text, { subject: record.name })
  }
  const held = heldBy(rooms, target)
  const taken = new Set(held.map(({ interfaceName }) => interfaceName))
  const aliases = [...(attachment.aliases ?? []), target.id.slice(0, 12)]
  const added = {
    ...attachment,
    name: record.name,
    aliases,
    interfaceName: attachment.interfaceName ?? freeInterface(taken),
  }
  await plugIn(rooms, target, added)
  remember(rooms, target, [...held, added])
  await tell(rooms, { status: 'connect', network: record, container: target })
}

/** Takes a container off a network. @throws LibpodError NETWORK_UNKNOWN, CONTAINER_UNKNOWN, SPEC_INVALID when it is not on it */
export async function disconnectNetwork(
  rooms: NetworkRooms,
  network: string,
  container: string,
  how: 'graceful' | 'force',
): Promise<void> {
  const { record } = findNetwork(await loadNetworks(settingsOf(rooms)), network)
  const { id } = rooms.state.containers.find(container)
  await withContainer(rooms, id, target => disconnect(rooms, onBridge(target), { record, how }))
}

async function disconnect(
  rooms: NetworkRooms,
  target: ContainerRecord,
  { record, how }: { readonly record: NetworkRecord; readonly how: 'graceful' | 'force' },
): Promise<void> {
  const held = heldBy(rooms, target)
  const gone = held.find(({ name }) => name === record.name)
  if (!gone) {
    const text = `container ${target.id} is not connected to network ${JSON.stringify(record.name)}: network is not connected`
    throw new LibpodError('SPEC_INVALID', text, { subject: record.name })
  }
  await unplug(rooms, target, gone).catch((error: unknown) => {
    if (how === 'graceful') throw error
  })
  remember(
    rooms,
    target,
    held.filter(each => each !== gone),
  )
  await tell(rooms, { status: 'disconnect', network: record, container: target })
}

/** Its networks by the names of their interfaces, which the others keep when one goes. */
const heldBy = (rooms: NetworkRooms, { config }: ContainerRecord): readonly NamedAttachment[] =>
  withInterfaces(config.networks, { defaultNetwork: settingsOf(rooms).defaultNetwork, aliases: [] })

function onBridge(container: ContainerRecord): ContainerRecord {
  const kind = container.config.spec.network?.mode?.kind ?? 'bridge'
  if (kind === 'bridge') return container
  throw new LibpodError('SPEC_INVALID', `${JSON.stringify(kind)} is not supported: invalid network mode`, {
    subject: container.name,
  })
}

function checkAddresses(network: NetworkRecord, ips: readonly string[]): void {
  for (const ip of ips) {
    if (isWithin(network, ip)) continue
    throw new LibpodError('SPEC_INVALID', `requested static ip ${ip} not in any subnet on network ${network.name}`, {
      subject: ip,
    })
  }
}

/** A container without a namespace gets the network when it starts. */
async function plugIn(rooms: NetworkRooms, container: ContainerRecord, attachment: NamedAttachment): Promise<void> {
  const { netns, networks = {} } = container.status
  if (netns === undefined) return
  const { id, config } = container
  const status = await connectContainer(rooms, {
    id,
    name: nameOnNetwork(rooms, container),
    netns,
    networks: [attachment],
    ports: config.ports,
  })
  rooms.state.containers.setStatus(id, { ...container.status, networks: { ...networks, ...status } })
  tellOfNetworks(rooms, container, status)
}

async function unplug(rooms: NetworkRooms, container: ContainerRecord, attachment: NamedAttachment): Promise<void> {
  const { netns, networks = {} } = container.status
  if (netns === undefined) return
  const { id, config } = container
  await disconnectContainer(rooms, {
    id,
    name: nameOnNetwork(rooms, container),
    netns,
    networks: [attachment],
    ports: config.ports,
  })
  const { [attachment.name]: gone, ...rest } = networks
  rooms.state.containers.setStatus(id, { ...container.status, networks: rest })
  if (gone) tellOfLost(rooms, container, { [attachment.name]: gone })
}

function remember(
  { state }: NetworkRooms,
  { id, config }: ContainerRecord,
  networks: readonly NetworkAttachment[],
): void {
  state.containers.setConfig(id, { ...config, networks })
  state.database.prepare('DELETE FROM network_user WHERE container = ?').run(id)
  const insert = state.database.prepare('INSERT OR IGNORE INTO network_user (network, container) VALUES (?, ?)')
  for (const { name } of networks) insert.run(name, id)
}

interface Change {
  readonly status: 'connect' | 'disconnect'
  readonly network: NetworkRecord
  readonly container: ContainerRecord
}

async function tell(rooms: NetworkRooms, { status, network, container }: Change): Promise<void> {
  await rooms.events.write({ type: 'network', status, id: container.id, name: container.name, network: network.name })
}
