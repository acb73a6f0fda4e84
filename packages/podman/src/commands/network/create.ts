import type { NetworkCreateSpec } from '@libpod/libpod'
import { atMost } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, list, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { parseAssignments, parsePairs } from '../../options/pairs.ts'

export const command = defineCommand({
  summary: 'Network create',
  description: 'Creates a network that containers can be plugged into.',
  usage: '[options] [NAME]',
  examples: ['{} podman1', '{} --subnet 192.5.0.0/16 --gateway 192.5.0.1 net2', '{} --internal net3'],
  flags: {
    'disable-dns': bool('Disable dns plugin'),
    dns: strings('DNS servers this network will use'),
    driver: string('driver to manage the network', { short: 'd', default: 'bridge' }),
    gateway: strings('IPv4 or IPv6 gateway for the subnet'),
    ignore: bool("Don't fail if network already exists"),
    'interface-name': string('interface name which is used by the driver'),
    internal: bool('restrict external access from this network'),
    'ip-range': strings('allocate container IP from range'),
    'ipam-driver': string('IP Address Management Driver'),
    ipv6: bool('enable IPv6 networking'),
    label: list('set metadata on a network'),
    opt: list('Set driver specific options', { short: 'o' }),
    route: list('static routes'),
    subnet: strings('subnets in CIDR format'),
  },
  args: atMost(1),
  async run({ flags, args: [name] }, io, engine) {
    const options = parseAssignments(flags.opt, text => `invalid option ${JSON.stringify(text)}: use key=value`)
    const { parent, ...others } = options
    // What a macvlan or ipvlan hangs on is called so, as with Docker.
    const hasParent = parent !== undefined && (flags.driver === 'macvlan' || flags.driver === 'ipvlan')
    const spec: NetworkCreateSpec = {
      ...defined({
        name,
        interface: hasParent ? parent : flags['interface-name'],
        ipamDriver: flags['ipam-driver'],
      }),
      driver: flags.driver,
      subnets: subnetsOf(flags.subnet, flags.gateway, flags['ip-range']),
      routes: flags.route.map(parseRoute),
      ipv6: flags.ipv6 ? 'yes' : 'no',
      internal: flags.internal ? 'yes' : 'no',
      dns: flags['disable-dns'] ? 'no' : 'yes',
      dnsServers: flags.dns,
      labels: parsePairs(flags.label, 'label'),
      options: hasParent ? others : options,
      onNameConflict: flags.ignore ? 'ignore' : 'refuse',
    }
    const { networks } = await engine()
    const network = await networks.create(spec)
    io.out(`${network.name}\n`)
    return 0
  },
})

/** The first gateway and range are the first subnet's, and so on. */
function subnetsOf(
  subnets: readonly string[],
  gateways: readonly string[],
  ranges: readonly string[],
): NonNullable<NetworkCreateSpec['subnets']> {
  if (subnets.length === 0 && gateways.length + ranges.length > 0)
    throw new UsageError('cannot set gateway or range without subnet')
  if (gateways.length > subnets.length) throw new UsageError('cannot set more gateways than subnets')
  if (ranges.length > subnets.length) throw new UsageError('cannot set more ranges than subnets')
  return subnets.map((subnet, at) => ({ subnet, ...defined({ gateway: gateways[at], range: ranges[at] }) }))
}

/** `DESTINATION,GATEWAY[,METRIC]`. */
function parseRoute(text: string): NonNullable<NetworkCreateSpec['routes']>[number] {
  const [destination = '', gateway = '', metric, ...more] = text.split(',')
  if (gateway === '' || more.length > 0)
    throw new UsageError(`invalid route: ${text}\nFormat: --route <destination in CIDR>,<gateway>,<metric (optional)>`)
  return { destination, gateway, ...(metric === undefined ? {} : { metric: Number(metric) }) }
}
