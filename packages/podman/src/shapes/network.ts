import { listOf, mapOf, maybe, struct } from './shape.ts'

const leaseRange = struct('types.LeaseRange', {
  StartIP: 'text',
  EndIP: 'text',
})

const subnet = struct('types.Subnet', {
  Subnet: 'text',
  Gateway: 'text',
  LeaseRange: maybe(leaseRange),
})

const route = struct('types.Route', {
  Destination: 'text',
  Gateway: 'text',
  Metric: 'any',
})

const networkContainerInfo = struct('types.NetworkContainerInfo', {
  Name: 'text',
  Interfaces: 'map',
})

export const networkShape = struct('types.NetworkInspectReport', {
  Name: 'text',
  ID: 'text',
  Driver: 'text',
  NetworkInterface: 'text',
  Created: 'time',
  Subnets: listOf(subnet),
  Routes: listOf(route),
  IPv6Enabled: 'switch',
  Internal: 'switch',
  DNSEnabled: 'switch',
  NetworkDNSServers: 'list',
  Labels: 'map',
  Options: 'map',
  IPAMOptions: 'map',
  Containers: mapOf(networkContainerInfo),
})
