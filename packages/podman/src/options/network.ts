import { isIP } from 'node:net'
import type { NetworkAttachment, NetworkMode, NetworkSpec } from '@libpod/libpod'
import { defined } from '../cli/defined.ts'
import { bool, type FlagValues, list, string, strings } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { optionGroup } from './group.ts'
import { attachTo, parseNetworks } from './network-mode.ts'
import { parseExpose, parsePublish } from './ports.ts'
import { someOf } from './process.ts'

const flags = {
  'add-host': list('Add a custom host-to-IP mapping (host:ip)'),
  dns: strings('Set custom DNS servers'),
  'dns-option': strings('Set custom DNS options'),
  'dns-search': strings('Set custom DNS search domains'),
  expose: strings('Expose a port or a range of ports'),
  'hosts-file': string(
    'Base file to create the /etc/hosts file inside the container, or one of the special values. ("image"|"none")',
  ),
  ip: string('Specify a static IPv4 address for the container'),
  ip6: string('Specify a static IPv6 address for the container'),
  'link-local-ip': strings('Docker compatibility option: container IPv4/IPv6 link-local addresses', { hidden: 'yes' }),
  'mac-address': string('Container MAC address (e.g. 92:d0:c6:0a:29:33)'),
  network: list('Connect a container to a network'),
  'network-alias': strings('Add network-scoped alias for the container'),
  'no-hostname': bool('Do not create /etc/hostname within the container, instead use the version from the image'),
  'no-hosts': bool('Do not create /etc/hosts within the container, instead use the version from the image'),
  publish: strings("Publish a container's port, or a range of ports, to the host", { short: 'p' }),
  'publish-all': bool('Publish all exposed ports to random ports on the host interface', { short: 'P' }),
}

type Values = FlagValues<typeof flags>

/** Where the container is plugged in, under which names, and which of its ports the host offers. */
export const network = optionGroup({
  flags,
  toSpec(values): NetworkSpec {
    if (values['no-hosts'] && values['add-host'].length > 0)
      throw new UsageError('--no-hosts and --add-host cannot be set together')
    return defined({
      mode: addressed(parseNetworks(values.network), values),
      ports: someOf(values.publish.map(parsePublish)),
      publishAll: values['publish-all'] ? ('yes' as const) : undefined,
      expose: someOf(values.expose.flatMap(parseExpose)),
      dns: dnsOf(values),
      hosts: someOf(values['add-host'].map(checkHost)),
      hostsFile: values['no-hosts'] ? ('leave' as const) : undefined,
      baseHostsFile: values['hosts-file'],
      resolvConf: values.dns.includes('none') ? ('leave' as const) : undefined,
      hostnameFile: values['no-hostname'] ? ('leave' as const) : undefined,
    })
  },
})

/** Gives the single attachment the addresses and aliases of the plain options. */
function addressed(mode: NetworkMode | undefined, values: Values): NetworkMode | undefined {
  const extra = defined({
    aliases: someOf(values['network-alias']),
    staticIps: someOf([...addressOf('ip', values.ip), ...addressOf('ip6', values.ip6)]),
    staticMac: values['mac-address'] === undefined ? undefined : checkMac(values['mac-address']),
  })
  if (Object.keys(extra).length === 0) return mode
  const attachments: readonly NetworkAttachment[] =
    mode === undefined ? [attachTo('')] : mode.kind === 'bridge' ? mode.networks : []
  if (attachments.length === 0)
    throw new UsageError('networks and static ip/mac address can only be used with Bridge mode networking')
  if (attachments.length > 1 && (extra.staticIps || extra.staticMac))
    throw new UsageError('--ip, --ip6 and --mac-address can only be set for a single network')
  return { kind: 'bridge', networks: attachments.map(one => merge(one, extra)) }
}

const merge = (attachment: NetworkAttachment, extra: Partial<NetworkAttachment>): NetworkAttachment => ({
  ...attachment,
  ...extra,
  ...defined({
    aliases: someOf([...(attachment.aliases ?? []), ...(extra.aliases ?? [])]),
    staticIps: someOf([...(attachment.staticIps ?? []), ...(extra.staticIps ?? [])]),
  }),
})

function addressOf(name: 'ip' | 'ip6', text: string | undefined): string[] {
  if (text === undefined || text === '') return []
  if (isIP(text) !== (name === 'ip' ? 4 : 6))
    throw new UsageError(`${JSON.stringify(text)} is not an ${name === 'ip' ? 'ip' : 'IPv6'} address`)
  return [text]
}

export function checkMac(text: string): string {
  if (!/^([\da-f]{2}[:-]){5}[\da-f]{2}$/i.test(text)) throw new UsageError(`address ${text}: invalid MAC address`)
  return text
}

function dnsOf(values: Values): NetworkSpec['dns'] {
  const servers = values.dns.filter(server => server !== 'none')
  if (servers.length < values.dns.length && values.dns.length > 1)
    throw new UsageError('none is not allowed to be specified with other DNS ip addresses')
  const wrong = servers.find(server => isIP(server) === 0)
  if (wrong !== undefined) throw new UsageError(`${wrong} is not an ip address`)
  const search = values['dns-search']
  if (search.includes('.') && search.length > 1)
    throw new UsageError("cannot pass additional search domains when also specifying '.'")
  const dns = defined({ servers: someOf(servers), search: someOf(search), options: someOf(values['dns-option']) })
  return Object.keys(dns).length > 0 ? dns : undefined
}

function checkHost(text: string): string {
  const colon = text.indexOf(':')
  if (colon < 0) throw new UsageError(`bad format for add-host: ${JSON.stringify(text)}`)
  const [names, address] = [text.slice(0, colon), text.slice(colon + 1)]
  if (names.split(';').some(name => name === ''))
    throw new UsageError(`hostname in add-host ${JSON.stringify(text)} is empty`)
  if (address !== 'host-gateway' && isIP(address) === 0)
    throw new UsageError(`invalid IP address in add-host: ${JSON.stringify(address)}`)
  return text
}
