import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { pruned } from '../../pruned.ts'

const warning =
  'WARNING! This will remove all volumes not used by at least one container. The following volumes will be removed:'

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
    const { volumes } = await engine()
    if (!flags.force) {
      const doomed = (await volumes.list({ ...filters, dangling: ['true'] })).map(({ name }) => name)
      if (doomed.length === 0) {
        io.out('No dangling volumes found\n')
        return 0
      }
      if (!(await confirm([warning, ...doomed].join('\n'), io))) return 0
    }
    return pruned(await volumes.prune(filters), io)
  },
})
