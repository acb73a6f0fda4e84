import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { each, named } from '../each.ts'
import { allFlag, cidfileFlag, filterFlag, latestFlag, select } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Unpause all the processes in one or more containers',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} mywebserver', '{} 860a4b23', '{} --all'],
  flags: {
    all: allFlag('Unpause all paused containers'),
    cidfile: cidfileFlag,
    filter: filterFlag,
    latest: latestFlag,
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const names = await select({ ...flags, args }, engine, { all: ({ state }) => state === 'paused' })
    const opened = await engine()
    return each(
      names,
      named(name => opened.containers.unpause(name)),
      io,
    )
  },
})
