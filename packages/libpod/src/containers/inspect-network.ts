import { networkId } from '../networks/conflist.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'

interface Binding {
  readonly HostIp: string
  readonly HostPort: string
}

/** `{"80/tcp": [{HostIp, HostPort}]}`, one key for every port of a range. */
export function portBindings({ config }: ContainerRecord): Readonly<Record<string, readonly Binding[]>> {
  const bindings: Record<string, Binding[]> = {}
  for (const { hostIp, hostPort = 0, containerPort, range = 1, protocol } of config.ports) {
    for (let offset = 0; offset < range; offset++) {
      const key = `${containerPort + offset}/${protocol}`
      bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp ?? '0.0.0.0', HostPort: String(hostPort + offset) }]
    }
  }
  return bindings
}

/** The `NetworkSettings` object of an inspected container: of whose network it is, with the ports that are its own. */
export function inspectNetwork(
  record: ContainerRecord,
  status: ContainerStatus,
  { exposed, usual }: { readonly exposed: readonly string[]; readonly usual: string },
): Readonly<Record<string, unknown>> {
  const names = record.config.networks.map(({ name }) => name)
  const mode = record.config.spec.network?.mode?.kind
  const entries =
    mode === 'host' || mode === 'none'
      ? [[mode, withoutAliases(networkEntry(mode, record, status))] as const]
      : names.map(name => [name, networkEntry(name, record, status)] as const)
  // Only of the usual network, where it is the only one.
  const first = names.length === 1 && names[0] === usual ? addressesOf(usual, status) : undefined
  return {
    EndpointID: '',
    Gateway: first?.Gateway ?? '',
    IPAddress: first?.IPAddress ?? '',
    IPPrefixLen: first?.IPPrefixLen ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: first?.MacAddress ?? '',
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: { ...Object.fromEntries(exposed.map(port => [port, null])), ...portBindings(record) },
    SandboxKey: sandboxKey(mode, status),
    ...(entries.length > 0 ? { Networks: Object.fromEntries(entries) } : {}),
  }
}

const withoutAliases = ({ Aliases: _, ...entry }: Readonly<Record<string, unknown>>) => entry

/** A namespace without a network is kept nowhere: it is reached by the process that is in it. */
function sandboxKey(mode: string | undefined, { netns, process }: ContainerStatus): string {
  return mode === 'none' && process ? `/proc/${process.pid}/ns/net` : (netns ?? '')
}

function networkEntry(
  name: string,
  record: ContainerRecord,
  status: ContainerStatus,
): Readonly<Record<string, unknown>> {
  const attachment = record.config.networks.find(network => network.name === name)
  return {
    EndpointID: '',
    ...addressesOf(name, status),
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    NetworkID: attachment ? networkId(name) : name,
    DriverOpts: null,
    IPAMConfig: null,
    Links: null,
    Aliases: [...(attachment?.aliases ?? []), record.id.slice(0, 12)],
  }
}

function addressesOf(
  name: string,
  status: ContainerStatus,
): { readonly Gateway: string; readonly IPAddress: string; readonly IPPrefixLen: number; readonly MacAddress: string } {
  const [link] = Object.values(status.networks?.[name]?.interfaces ?? {})
  const subnet = link?.subnets.find(({ ipnet }) => !ipnet.includes(':'))
  const [address = '', length = '0'] = subnet?.ipnet.split('/') ?? []
  return {
    Gateway: subnet?.gateway ?? '',
    IPAddress: address,
    IPPrefixLen: Number(length),
    MacAddress: link?.mac ?? '',
  }
}
