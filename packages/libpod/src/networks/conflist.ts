import { createHash } from 'node:crypto'
import type { NetworkList, PluginConfig } from '@libpod/cni'
import { isObject, listOf, numberOf, objectOf, parseDocument, textOf, textRecordOf } from '../images/document.ts'
import { contains, firstAddress, formatAddress, formatSubnet, parseAddress, parseSubnet } from './addresses.ts'
import type { NetworkRecord } from './networks.ts'

/** A CNI network's id is made from its name. */
export const networkId = (name: string): string => createHash('sha256').update(name).digest('hex')

/** What a conflist says, in the engine's words (what Podman's CNI backend reads from it). `created`: RFC 3339. */
export function recordOf(list: NetworkList, created: string): NetworkRecord {
  const [first] = list.plugins
  const args = objectOf(parseDocument(list.bytes)?.args)
  const driver = first?.type ?? ''
  const internal = driver === 'bridge' && first?.isGateway !== true
  const subnets = subnetsOf(first, internal)
  return {
    name: list.name,
    id: networkId(list.name),
    driver,
    interface: textOf(driver === 'bridge' ? first?.bridge : first?.master),
    created,
    subnets,
    routes: [],
    ipv6: subnets.some(({ subnet }) => subnet.includes(':')) ? 'yes' : 'no',
    internal: internal ? 'yes' : 'no',
    dns: list.plugins.some(({ type }) => type === 'dnsname') ? 'yes' : 'no',
    labels: textRecordOf(args.podman_labels),
    options: { ...textRecordOf(args.podman_options), ...optionsOf(list.plugins) },
    ipam: { driver: ipamDriver(first) },
  }
}

function optionsOf(plugins: readonly PluginConfig[]): Record<string, string> {
  const [first] = plugins
  const firewall = plugins.find(({ type }) => type === 'firewall')
  const [mtu, vlan, mode] = [numberOf(first?.mtu), numberOf(first?.vlan), textOf(first?.mode)]
  return {
    ...(mtu && { mtu: String(mtu) }),
    ...(vlan && { vlan: String(vlan) }),
    ...(mode !== '' && { mode }),
    ...(firewall?.ingressPolicy === 'same-bridge' && { isolate: 'true' }),
  }
}

const ipamDriver = (plugin: PluginConfig | undefined): string => textOf(objectOf(plugin?.ipam).type) || 'none'

function subnetsOf(plugin: PluginConfig | undefined, internal: boolean): NetworkRecord['subnets'] {
  const ipam = objectOf(plugin?.ipam)
  if (textOf(ipam.type) !== 'host-local') return []
  // Before the spec had ranges, one subnet stood in the object itself.
  const ranges = ipam.ranges === undefined ? [[ipam]] : listOf(ipam.ranges)
  return ranges
    .flatMap(listOf)
    .filter(isObject)
    .flatMap(range => subnetOf(range, internal))
}

function subnetOf(range: Readonly<Record<string, unknown>>, internal: boolean): NetworkRecord['subnets'] {
  const subnet = parseSubnet(textOf(range.subnet))
  if (!subnet) return []
  const given = parseAddress(textOf(range.gateway))
  const gateway = given ?? (internal ? undefined : firstAddress(subnet))
  const [start, end] = [textOf(range.rangeStart), textOf(range.rangeEnd)]
  return [
    {
      subnet: formatSubnet(subnet),
      ...(gateway && { gateway: formatAddress(gateway) }),
      ...((start !== '' || end !== '') && { leaseRange: { start, end } }),
    },
  ]
}

/** The file that Podman's CNI backend writes for a network, indented as it does. */
export function conflistText(record: NetworkRecord, options: { readonly dnsname: 'yes' | 'no' }): string {
  const args = {
    ...(Object.keys(record.labels).length > 0 && { podman_labels: sorted(record.labels) }),
    ...(Object.keys(record.options).length > 0 && { podman_options: sorted(record.options) }),
  }
  const list = {
    ...(Object.keys(args).length > 0 && { args }),
    cniVersion: '0.4.0',
    name: record.name,
    plugins: record.driver === 'bridge' ? bridgePlugins(record, options.dnsname) : [vlanPlugin(record)],
  }
  return JSON.stringify(list, undefined, 3)
}

const sorted = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)))

function bridgePlugins(record: NetworkRecord, dnsname: 'yes' | 'no'): readonly object[] {
  const outside = record.internal === 'no'
  return [
    {
      type: 'bridge',
      bridge: record.interface,
      isGateway: outside,
      ...(outside && { ipMasq: true }),
      ...numberOption(record, 'mtu'),
      hairpinMode: true,
      ...numberOption(record, 'vlan'),
      ...ipamOf(record),
      capabilities: { ips: true },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
    { type: 'firewall', backend: '', ...(isIsolated(record) && { ingressPolicy: 'same-bridge' }) },
    { type: 'tuning' },
    ...(record.dns === 'yes' && dnsname === 'yes'
      ? [{ type: 'dnsname', domainName: 'dns.podman', capabilities: { aliases: true } }]
      : []),
  ]
}

const isIsolated = ({ options }: NetworkRecord): boolean =>
  ['true', '1', 't', 'T', 'TRUE', 'True'].includes(options.isolate ?? '')

const numberOption = ({ options }: NetworkRecord, key: 'mtu' | 'vlan') =>
  options[key] === undefined ? {} : { [key]: Number(options[key]) }

const vlanPlugin = (record: NetworkRecord): object => ({
  type: record.driver,
  master: record.interface,
  ...ipamOf(record),
  ...(record.options.mode !== undefined && { mode: record.options.mode }),
  ...numberOption(record, 'mtu'),
  ...(record.ipam.driver === 'host-local' && { capabilities: { ips: true } }),
})

function ipamOf({ ipam, subnets, internal }: NetworkRecord): object {
  if (ipam.driver === 'none') return { ipam: {} }
  if (ipam.driver === 'dhcp') return { ipam: { type: 'dhcp' } }
  const families = new Set(subnets.map(({ subnet }) => (subnet.includes(':') ? '::/0' : '0.0.0.0/0')))
  const routes = internal === 'yes' ? [] : [...families].map(dst => ({ dst }))
  const ranges = subnets.map(({ subnet, gateway, leaseRange }) => [
    {
      subnet,
      ...(leaseRange?.start && { rangeStart: leaseRange.start }),
      ...(leaseRange?.end && { rangeEnd: leaseRange.end }),
      ...(gateway !== undefined && { gateway }),
    },
  ])
  return { ipam: { type: 'host-local', ...(routes.length > 0 && { routes }), ranges } }
}

/** Whether an address can belong to a network whose addresses the engine chooses. */
export const isWithin = ({ subnets }: NetworkRecord, ip: string): boolean => {
  const address = parseAddress(ip)
  return (
    address !== undefined &&
    subnets.some(({ subnet }) => {
      const range = parseSubnet(subnet)
      return range !== undefined && contains(range, address)
    })
  )
}
