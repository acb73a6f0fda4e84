import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Prune unused networks',
  usage: '[options]',
  examples: ['{}'],
  flags: {
    filter: { ...filterFlag, short: undefined },
    force: bool('do not prompt for confirmation', { short: 'f' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const filters = parseFilters(flags.filter)
    if (
      !flags.force &&
      !(await confirm('WARNING! This will remove all networks not used by at least one container.', io))
    )
      return 0
    const { networks } = await engine()
    io.out((await networks.prune(filters)).map(name => `${name}\n`).join(''))
    return 0
  },
})
