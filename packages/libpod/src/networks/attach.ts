import { LibpodError } from '../errors.ts'
import { PodTable } from '../pods/table.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { AttachRequest, NetworkStatus } from './backend.ts'
import { networkBackend } from './rooms.ts'

/** A container about to be plugged in. */
export interface ContainerConnection {
  readonly id: string
  /** See {@link nameOnNetwork}. */
  readonly name: string
  /** Path of the pinned namespace; absent when only traces of it are to be removed. */
  readonly netns: string | undefined
  /** With interface names, see {@link withInterfaces}. */
  readonly networks: readonly NamedAttachment[]
  readonly ports: readonly PortMapping[]
}

export type NamedAttachment = NetworkAttachment & { readonly interfaceName: string }

/**
 * Plugs a container into its networks, all or none. What each network gave it, keyed by network name.
 * @throws LibpodError NETWORK_UNKNOWN, NETWORK_FAILED
 */
export async function connectContainer(
  rooms: Pick<Rooms, 'options' | 'config' | 'host'>,
  connection: ContainerConnection,
  call?: Call,
): Promise<Readonly<Record<string, NetworkStatus>>> {
  return connection.networks.length === 0 ? {} : (await networkBackend(rooms)).attach(requestOf(connection), call)
}

/** Takes a container off its networks. Safe twice and after a crash. @throws LibpodError NETWORK_FAILED after trying all */
export async function disconnectContainer(
  rooms: Pick<Rooms, 'options' | 'config' | 'host'>,
  connection: ContainerConnection,
  call?: Call,
): Promise<void> {
  if (connection.networks.length > 0) await (await networkBackend(rooms)).detach(requestOf(connection), call)
}

/** As a network's name server knows the container: those of a pod are known together, by the pod's name. */
export function nameOnNetwork({ state }: Pick<Rooms, 'state'>, { name, config }: ContainerRecord): string {
  if (config.infra === 'no' || config.podId === undefined) return name
  return new PodTable(state.database).byId(config.podId)?.name ?? name
}

const requestOf = ({ id, name, netns, networks, ports }: ContainerConnection): AttachRequest => ({
  containerId: id,
  containerName: name,
  netns,
  networks,
  ports,
})

/**
 * Gives every attachment a network name (the default for `''`) and an interface: its own, or the first free of eth0, eth1 …
 * Names that a container brings for its aliases are added to each. @throws LibpodError SPEC_INVALID
 */
export function withInterfaces(
  networks: readonly NetworkAttachment[],
  options: { readonly defaultNetwork: string; readonly aliases: readonly string[] },
): readonly NamedAttachment[] {
  const taken = new Set(networks.flatMap(({ interfaceName }) => (interfaceName ? [interfaceName] : [])))
  const names = new Set<string>()
  return networks.map(network => {
    const name = network.name || options.defaultNetwork
    if (names.has(name)) throw new LibpodError('SPEC_INVALID', `network ${name} is given twice`, { subject: name })
    names.add(name)
    const interfaceName = network.interfaceName || freeInterface(taken)
    taken.add(interfaceName)
    return { ...network, name, interfaceName, aliases: [...new Set([...(network.aliases ?? []), ...options.aliases])] }
  })
}

/** eth0, eth1 … @throws LibpodError SPEC_INVALID after ten thousand */
export function freeInterface(taken: ReadonlySet<string>): string {
  for (let number = 0; number < 10_000; number++) {
    const name = `eth${number}`
    if (!taken.has(name)) return name
  }
  throw new LibpodError('SPEC_INVALID', 'could not find free network interface name')
}
