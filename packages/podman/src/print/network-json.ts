import type { InspectedNetwork, NetworkRecord } from '@libpod/libpod'

/** A network as `podman network inspect` shows it. */
export const networkJson = (network: NetworkRecord) => ({
  name: network.name,
  id: network.id,
  driver: network.driver,
  network_interface: network.interface,
  created: network.created,
  subnets: network.subnets.map(({ subnet, gateway, leaseRange }) => ({
    subnet,
    ...(gateway ? { gateway } : {}),
    ...(leaseRange ? { lease_range: { start_ip: leaseRange.start, end_ip: leaseRange.end } } : {}),
  })),
  ...(network.routes.length > 0 ? { routes: network.routes } : {}),
  ipv6_enabled: network.ipv6 === 'yes',
  internal: network.internal === 'yes',
  dns_enabled: network.dns === 'yes',
  ...(Object.keys(network.labels).length > 0 ? { labels: network.labels } : {}),
  ...(Object.keys(network.options).length > 0 ? { options: network.options } : {}),
  ipam_options: network.ipam,
})

/** The same with the containers that are plugged in. */
export const inspectedNetworkJson = (network: InspectedNetwork) => ({
  ...networkJson(network),
  containers: mapped(network.containers, ({ name, interfaces }) => ({
    name,
    interfaces: mapped(interfaces, ({ subnets, mac }) => ({ subnets, mac_address: mac })),
  })),
})

function mapped<From, To>(
  record: Readonly<Record<string, From>>,
  to: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]))
}
