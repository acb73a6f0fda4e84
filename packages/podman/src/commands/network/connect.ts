import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { string, strings } from '../../cli/flag.ts'
import { checkMac } from '../../options/network.ts'

export const command = defineCommand({
  summary: 'Add container to a network',
  usage: '[options] NETWORK CONTAINER',
  examples: ['{} web secondary', '{} --alias web --ip 10.89.1.13 test web'],
  flags: {
    alias: strings('network scoped alias for container'),
    ip: string('set a static ipv4 address for this container network'),
    ip6: string('set a static ipv6 address for this container network'),
    'mac-address': string('set a static mac address for this container network'),
  },
  args: exactly(2),
  async run({ flags, args: [network = '', container = ''] }, _io, engine) {
    const { networks } = await engine()
    const addresses = [flags.ip, flags.ip6].filter(address => address !== undefined)
    const mac = flags['mac-address']
    await networks.connect(network, container, {
      ...defined({
        aliases: flags.alias.length > 0 ? flags.alias : undefined,
        staticIps: addresses.length > 0 ? addresses : undefined,
        staticMac: mac === undefined ? undefined : checkMac(mac),
      }),
    })
    return 0
  },
})
