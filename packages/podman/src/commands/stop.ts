import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, seconds } from '../cli/flag.ts'
import { each, named } from '../each.ts'
import { codeOf } from '../exit-codes.ts'
import { allFlag, cidfileFlag, filterFlag, latestFlag, select } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Stop one or more containers',
  description:
    'Sends the stop signal of each container (SIGTERM unless it chose another), and SIGKILL when it is still there after the timeout.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} ctrID', '{} --time 2 mywebserver 6e534f14da9d'],
  flags: {
    all: allFlag('Stop all running containers'),
    cidfile: cidfileFlag,
    filter: filterFlag,
    ignore: bool('Ignore errors when a specified container is missing', { short: 'i' }),
    latest: latestFlag,
    time: seconds('Seconds to wait for stop before killing the container', { short: 't', shown: '10' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const names = await select(
      { ...flags, args },
      engine,
      flags.ignore ? { missingFile: 'ignore', unknown: 'leave' } : {},
    )
    const opened = await engine()
    const stop = named(name =>
      opened.containers.stop(name, { ...defined({ timeout: flags.time }), onWarning: io.warn }),
    )
    const chosen = flags.all || flags.filter.length > 0 // which may be gone by the time it is their turn
    const lenient = flags.ignore || chosen
    return each(names, stop, io, { forgive: error => lenient && codeOf(error) === 'CONTAINER_UNKNOWN' })
  },
})
