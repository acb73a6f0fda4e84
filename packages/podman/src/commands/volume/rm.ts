import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, seconds } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { allFlag } from '../../options/selection.ts'

const statuses: Readonly<Record<string, number>> = { VOLUME_UNKNOWN: 1, VOLUME_IN_USE: 2 }

export const command = defineCommand({
  summary: 'Remove one or more volumes',
  description: 'Removes volumes that no container uses; with --force the containers that use them are removed too.',
  usage: '[options] VOLUME [VOLUME...]',
  aliases: ['remove'],
  examples: ['{} myvol1 myvol2', '{} --all', '{} --force myvol'],
  flags: {
    all: allFlag('Remove all volumes'),
    force: bool('Remove a volume by force, even if it is being used by a container', { short: 'f' }),
    time: seconds('Seconds to wait for running containers to stop before killing the container', { short: 't' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.all === args.length > 0) throw new UsageError('choose either one or more volumes or all')
    if (flags.time !== undefined && !flags.force)
      throw new UsageError('--force option must be specified to use the --time option')
    const { volumes } = await engine()
    const names = flags.all ? (await volumes.list()).map(({ name }) => name) : args
    const remove = async (name: string) => {
      const volume = await volumes.inspect(name)
      await volumes.remove(volume.name, {
        users: flags.force ? 'remove' : 'refuse',
        ...defined({ timeout: flags.time }),
      })
      return volume.name
    }
    return each(names, remove, io, {
      forgive: error => flags.force && codeOf(error) === 'VOLUME_UNKNOWN',
      statusOf: error => statuses[codeOf(error) ?? ''] ?? 125,
    })
  },
})
