import type { NetworkRecord } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { listing } from '../../print/listing.ts'
import { networkJson } from '../../print/network-json.ts'

export const command = defineCommand({
  summary: 'List networks',
  usage: '[options]',
  aliases: ['list'],
  examples: ['{}', '{} --filter driver=bridge', '{} --format "{{.Name}}"'],
  flags: {
    filter: filterFlag,
    format: string('Pretty-print networks to JSON or using a Go template'),
    'no-trunc': bool('Do not truncate the network ID'),
    noheading: bool('Do not print headers', { short: 'n' }),
    quiet: bool('display only names', { short: 'q' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io, engine) {
    const { networks } = await engine()
    const found = await networks.list(parseFilters(flags.filter))
    const rows = found.map(network => rowOf(network, flags['no-trunc'] ? 'full' : 'short'))
    io.out(
      await listing(rows, flags, {
        fields: ['ID', 'Name', 'Driver'],
        headings: { ID: 'NETWORK ID' },
        name: 'ls',
        type: 'networks.ListPrintReports',
        quiet: ({ Name }) => Name,
        json: () => found.map(networkJson),
      }),
    )
    return 0
  },
})

const rowOf = (network: NetworkRecord, ids: 'full' | 'short') => ({
  ID: ids === 'full' ? network.id : network.id.slice(0, 12),
  Name: network.name,
  Driver: network.driver,
  Created: network.created,
  Internal: network.internal === 'yes',
  IPv6Enabled: network.ipv6 === 'yes',
  DNSEnabled: network.dns === 'yes',
  NetworkInterface: network.interface,
  Options: network.options,
  IPAMOptions: network.ipam,
  Labels: Object.entries(network.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(','),
  Subnets: network.subnets,
})

/** What templates may ask of a row. */
const fieldNames = [
  'ID',
  'Name',
  'Driver',
  'Created',
  'Internal',
  'IPv6Enabled',
  'DNSEnabled',
  'NetworkInterface',
  'Options',
  'IPAMOptions',
  'Labels',
  'Subnets',
] as const
