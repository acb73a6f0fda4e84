import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { codeOf } from '../../exit-codes.ts'
import { inspectEach } from '../../inspect.ts'
import { latestContainer, latestFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Display the configuration of a container',
  description: 'Displays the low-level information on a container identified by name or ID.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} myCtr', "{} -l --format '{{.Id}} {{.Config.Labels}}'"],
  flags: {
    format: string('Format the output to a Go template or json', { short: 'f' }),
    latest: latestFlag,
    size: bool('Display total file size', { short: 's' }),
  },
  args: anyArguments,
  templateFields: async () => (await import('../../shapes/container.ts')).containerShape,
  async run({ flags, args }, io, engine) {
    if (flags.latest && args.length > 0) throw new UsageError('--latest and arguments cannot be used together')
    if (!flags.latest && args.length === 0) throw new UsageError('no names or ids specified')
    const opened = await engine()
    const names = flags.latest ? [await latestContainer(opened)] : args
    const size = flags.size ? 'yes' : 'no'
    return inspectEach(
      names,
      async name => ({ kind: 'container', object: await opened.containers.inspect(name, { size }) }),
      io,
      {
        format: flags.format,
        indent: 5,
        problem: (error, name) =>
          codeOf(error) === 'CONTAINER_UNKNOWN' ? `no such container ${JSON.stringify(name)}` : undefined,
      },
    )
  },
})
