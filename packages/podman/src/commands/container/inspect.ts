import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { codeOf, ExitStatus } from '../../exit-codes.ts'
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
  async run({ flags, args }, io, engine) {
    if (flags.latest && args.length > 0) throw new UsageError('--latest and arguments cannot be used together')
    if (!flags.latest && args.length === 0) throw new UsageError('no names or ids specified')
    const opened = await engine()
    const names = flags.latest ? [await latestContainer(opened)] : args
    const outcomes = await Promise.allSettled(
      names.map(name => opened.containers.inspect(name, { size: flags.size ? 'yes' : 'no' })),
    )
    const found = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    io.out(await text(found, flags.format))
    const failures = outcomes.flatMap((outcome, at) =>
      outcome.status === 'rejected' ? [problem(outcome.reason, names[at] ?? '')] : [],
    )
    if (failures.length > 0) throw new ExitStatus(125, failures.join('\nError: '))
    return 0
  },
})

async function text(found: readonly object[], format: string | undefined): Promise<string> {
  if (format === undefined || format === 'json') return `${JSON.stringify(found, undefined, 5)}\n`
  const { formatRows } = await import('../../print/format.ts')
  return formatRows(format, found as Record<string, unknown>[], {})
}

function problem(error: unknown, name: string): string {
  if (codeOf(error) === 'CONTAINER_UNKNOWN') return `no such container ${JSON.stringify(name)}`
  return error instanceof Error ? error.message : String(error)
}
