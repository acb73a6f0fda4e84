import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { defined } from '../cli/defined.ts'
import { bool, seconds } from '../cli/flag.ts'
import { each, named } from '../each.ts'
import { allFlag, cidfileFlag, filterFlag, latestFlag, select } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Restart one or more containers',
  description: 'Stops each container if it runs, and starts it again.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} ctrID', '{} --latest', '{} ctrID1 ctrID2'],
  flags: {
    all: allFlag('Restart all non-running containers'),
    cidfile: cidfileFlag,
    filter: filterFlag,
    latest: latestFlag,
    running: bool('Restart only running containers'),
    time: seconds('Seconds to wait for stop before killing the container', { short: 't', shown: '10' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const names = await select({ ...flags, args }, engine, {
      all: ({ state }) => !flags.running || state === 'running',
    })
    const restart = named(name =>
      opened.containers.restart(name, { ...defined({ timeout: flags.time }), onWarning: io.warn }),
    )
    return each(names, restart, io)
  },
})
