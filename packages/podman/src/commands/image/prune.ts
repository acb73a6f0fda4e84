import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { confirm } from '../../confirm.ts'
import { parseFilters } from '../../options/filters.ts'
import { allFlag, filterFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Remove unused images',
  description:
    'Removes images that have no name; with --all every image that no container uses. Filters: until, label and, beyond Podman, unused-for: no container was made of the image for so long.',
  usage: '[options]',
  examples: ['{}', '{} --all --force', '{} --all --filter unused-for=720h --dry-run'],
  flags: {
    all: allFlag('Remove all images not in use by containers, not just dangling ones'),
    'build-cache': bool('Remove persistent build cache created by --mount=type=cache'),
    'dry-run': bool('Print what would be removed and remove nothing'),
    external: bool('Remove images even when they are used by external containers (e.g., by build containers)'),
    filter: { ...filterFlag, short: undefined },
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const filters = parseFilters(flags.filter)
    const what = flags.all ? 'all images without at least one container associated with them' : 'all dangling images'
    const sure = flags.force || flags['dry-run'] || (await confirm(`WARNING! This command removes ${what}.`, io))
    if (!sure) return 0
    const { images } = await engine()
    const pruned = await images.prune({
      filters,
      which: flags.all ? 'all' : 'dangling',
      external: flags.external ? 'yes' : 'no',
      buildCache: flags['build-cache'] ? 'yes' : 'no',
      dryRun: flags['dry-run'] ? 'yes' : 'no',
      signal: io.interrupted,
      onProgress: ({ message }) => io.warn(message),
    })
    io.out(pruned.map(({ id }) => `${id}\n`).join(''))
    return 0
  },
})
