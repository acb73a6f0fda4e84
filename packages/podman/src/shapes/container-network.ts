import { listOf, mapOf, struct } from './shape.ts'

const address = struct('define.Address', {
  Addr: 'text',
  PrefixLength: 'number',
})

/** What is the same of every network. */
const endpoint = {
  EndpointID: 'text',
  Gateway: 'text',
  IPAddress: 'text',
  IPPrefixLen: 'number',
  SecondaryIPAddresses: listOf(address),
  IPv6Gateway: 'text',
  GlobalIPv6Address: 'text',
  GlobalIPv6PrefixLen: 'number',
  SecondaryIPv6Addresses: listOf(address),
  MacAddress: 'text',
  AdditionalMacAddresses: 'list',
} as const

const additionalNetwork = struct('define.InspectAdditionalNetwork', {
  ...endpoint,
  NetworkID: 'text',
  DriverOpts: 'map',
  IPAMConfig: 'map',
  Links: 'list',
  Aliases: 'list',
})

export const networkSettings = struct('define.InspectNetworkSettings', {
  ...endpoint,
  Bridge: 'text',
  SandboxID: 'text',
  HairpinMode: 'switch',
  LinkLocalIPv6Address: 'text',
  LinkLocalIPv6PrefixLen: 'number',
  Ports: 'map',
  SandboxKey: 'text',
  Networks: mapOf(additionalNetwork),
})
