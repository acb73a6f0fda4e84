import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { latestPod } from '../../options/pod-selection.ts'
import { latestFlag } from '../../options/selection.ts'
import { columns } from '../../print/columns.ts'

export const command = defineCommand({
  summary: 'Display the running processes of containers in a pod',
  usage: '[options] POD [FORMAT-DESCRIPTORS|ARGS...]',
  examples: ['{} podID', '{} podID user pid comm'],
  flags: { latest: latestFlag },
  args: anyArguments,
  flagsStand: 'before',
  async run({ flags, args }, io, engine) {
    if (args.length === 0 && !flags.latest) throw new UsageError('you must provide the name or id of a running pod')
    const opened = await engine()
    const [name = '', ...rest] = flags.latest ? [await latestPod(opened), ...args] : args
    const descriptors = rest.flatMap(text => text.split(/[ ,]+/)).filter(Boolean)
    io.out(columns(await opened.pods.top(name, descriptors)))
    return 0
  },
})
