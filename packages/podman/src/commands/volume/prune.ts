import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { pruned } from '../../pruned.ts'

export const command = defineCommand({
  summary: 'Remove all unused volumes',
  description: 'Removes the volumes that no container uses, with all that is in them.',
  usage: '[options]',
  examples: ['{}', '{} --force', '{} --filter label=test'],
  flags: {
    filter: { ...filterFlag, short: undefined },
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const filters = parseFilters(flags.filter)
    if (
      !flags.force &&
      !(await confirm('WARNING! This will remove all volumes not used by at least one container.', io))
    )
      return 0
    const { volumes } = await engine()
    return pruned(await volumes.prune(filters), io)
  },
})
