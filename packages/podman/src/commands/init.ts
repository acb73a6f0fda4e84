import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { each, named } from '../each.ts'
import { allFlag, latestFlag, select } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Initialize one or more containers',
  description: 'Mounts, networks and creates each container in the OCI runtime, without starting its process.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --latest', '{} 3c45ef19d893', '{} test1'],
  flags: { all: allFlag('Initialize all containers'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const fresh = new Set(['created', 'stopped', 'exited'])
    const names = await select({ ...flags, args }, engine, { all: ({ state }) => fresh.has(state) })
    return each(
      names,
      named(name => opened.containers.init(name)),
      io,
    )
  },
})
