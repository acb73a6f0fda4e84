import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, seconds } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each, named } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'

const statuses: Readonly<Record<string, number>> = { NETWORK_UNKNOWN: 1, NETWORK_IN_USE: 2 }

export const command = defineCommand({
  summary: 'Remove networks',
  description: 'Removes networks; with --force the containers that use them too.',
  usage: '[options] NETWORK [NETWORK...]',
  aliases: ['remove'],
  examples: ['{} mynet'],
  flags: {
    force: bool('remove any containers using network', { short: 'f' }),
    time: seconds('Seconds to wait for running containers to stop before killing the container', { short: 't' }),
  },
  args: atLeast(1),
  async run({ flags, args }, io, engine) {
    if (flags.time !== undefined && !flags.force)
      throw new UsageError('--force option must be specified to use the --time option')
    const { networks } = await engine()
    const options = { users: flags.force ? 'remove' : 'refuse', ...defined({ timeout: flags.time }) } as const
    return each(
      args,
      named(name => networks.remove(name, options)),
      io,
      {
        atOnce: 1,
        forgive: error => flags.force && codeOf(error) === 'NETWORK_UNKNOWN',
        statusOf: error => statuses[codeOf(error) ?? ''] ?? 125,
      },
    )
  },
})
