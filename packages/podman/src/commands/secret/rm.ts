import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { allFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Remove one or more secrets',
  usage: '[options] SECRET [SECRET...]',
  examples: ['{} mysecret1 mysecret2', '{} --all'],
  flags: {
    all: allFlag('Remove all secrets'),
    ignore: bool('Ignore errors when a specified secret is missing', { short: 'i' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.all && args.length > 0) throw new UsageError('`podman secret rm --all` takes no arguments')
    if (!flags.all && args.length === 0) throw new UsageError('`podman secret rm` requires at least one argument')
    const { secrets } = await engine()
    const names = flags.all ? (await secrets.list()).map(({ id }) => id) : args
    return each(names, name => secrets.remove(name), io, {
      forgive: error => flags.ignore && codeOf(error) === 'SECRET_UNKNOWN',
    })
  },
})
