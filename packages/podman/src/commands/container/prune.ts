import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { pruned } from '../../pruned.ts'

export const command = defineCommand({
  summary: 'Remove all non running containers',
  usage: '[options]',
  examples: ['{}'],
  flags: {
    filter: filterFlag,
    force: bool('Do not prompt for confirmation.  The default is false', { short: 'f' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const filters = parseFilters(flags.filter)
    if (!flags.force && !(await confirm('WARNING! This will remove all non running containers.', io))) return 0
    const { containers } = await engine()
    return pruned(await containers.prune(filters), io)
  },
})
