import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { latestFlag, selectOne } from '../../options/selection.ts'
import { changesText } from '../../print/changes.ts'

export const command = defineCommand({
  summary: "Inspect changes to the container's file systems",
  usage: '[options] CONTAINER',
  examples: ['{} myCtr', '{} -l --format json myCtr'],
  flags: { format: string('Change the output format (json)'), latest: latestFlag },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const name = await selectOne(args, flags.latest, {
      engine: opened,
      verb: 'container diff',
      problem: 'container name is missing: you must provide at least one name or id',
    })
    io.out(changesText(await opened.containers.changes(name), flags.format))
    return 0
  },
})
