import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { codeOf } from '../../exit-codes.ts'
import { inspectEach } from '../../inspect.ts'
import { inspectedNetworkJson } from '../../print/network-json.ts'

export const command = defineCommand({
  summary: 'Inspect network',
  description: 'Displays the configuration of one or more networks.',
  usage: '[options] NETWORK [NETWORK...]',
  examples: ['{} podman'],
  flags: { format: string('Pretty-print network to JSON or using a Go template', { short: 'f' }) },
  args: atLeast(1),
  templateFields: async () => (await import('../../shapes/network.ts')).networkShape,
  async run({ flags, args }, io, engine) {
    const { networks } = await engine()
    return inspectEach(
      args,
      async name => ({ kind: 'network', object: inspectedNetworkJson(await networks.inspect(name)) }),
      io,
      {
        format: flags.format,
        indent: 5,
        problem: (error, name) =>
          codeOf(error) === 'NETWORK_UNKNOWN' ? `network ${name}: network not found` : undefined,
      },
    )
  },
})
