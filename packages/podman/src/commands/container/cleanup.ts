import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each, named } from '../../each.ts'
import { codeOf } from '../../exit-codes.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Clean up network and mountpoints of one or more containers',
  description: 'Releases what containers that have ended still hold: mounts, networks, the record in the OCI runtime.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --latest', '{} ctrID1 ctrID2 ctrID3', '{} --all'],
  flags: {
    all: allFlag('Cleans up all containers'),
    exec: string('Clean up the given exec session instead of the container'),
    latest: latestFlag,
    rm: bool('After cleanup, remove the container entirely'),
    rmi: bool('After cleanup, remove the image entirely'),
    'stopped-only': bool('Only cleanup when the container is in the stopped state', { hidden: 'yes' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.exec !== undefined && flags.all) throw new UsageError('--all and --exec cannot be set together')
    if (flags.exec !== undefined && flags.rmi) throw new UsageError('--exec and --rmi cannot be set together')
    if (flags.exec !== undefined && flags.rm) throw new UsageError('--exec and --rm cannot be set together')
    const names = await select({ ...flags, args }, engine, { unknown: 'leave' })
    const opened = await engine()
    const options = defined({
      execSession: flags.exec,
      afterwards: flags.rmi ? ('remove-with-image' as const) : flags.rm ? ('remove' as const) : undefined,
      stoppedOnly: flags['stopped-only'] ? ('yes' as const) : undefined,
    })
    const gone = (error: unknown) => codeOf(error) === 'CONTAINER_UNKNOWN'
    return each(
      names,
      named(name => opened.containers.cleanup(name, options)),
      io,
      { forgive: gone },
    )
  },
})
