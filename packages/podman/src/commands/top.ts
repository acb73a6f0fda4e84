import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { UsageError } from '../cli/usage-error.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import { columns } from '../print/columns.ts'

export const command = defineCommand({
  summary: 'Display the running processes of a container',
  description: 'Shows the processes of a container, read from the host: nothing inside the container is executed.',
  usage: '[options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]',
  examples: ['{} ctrID', '{} ctrID pid seccomp args %C'],
  flags: { latest: latestFlag },
  args: anyArguments,
  flagsStand: 'before',
  async run({ flags, args }, io, engine) {
    if (args.length === 0 && !flags.latest)
      throw new UsageError('you must provide the name or id of a running container')
    const opened = await engine()
    const [name, ...rest] = flags.latest ? [await latestContainer(opened), ...args] : args
    io.out(columns(await opened.containers.top(name ?? '', rest)))
    return 0
  },
})
