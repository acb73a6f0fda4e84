import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { codeOf } from '../../exit-codes.ts'
import { inspectEach } from '../../inspect.ts'
import { allFlag } from '../../options/selection.ts'
import { volumeJson } from '../../print/volume-json.ts'

export const command = defineCommand({
  summary: 'Display detailed information on one or more volumes',
  usage: '[options] VOLUME [VOLUME...]',
  examples: ['{} myvol', '{} --all', '{} --format "{{.Driver}} {{.Scope}}" myvol'],
  flags: {
    all: allFlag('Inspect all volumes'),
    format: string('Format volume output using Go template', { short: 'f', default: 'json' }),
  },
  args: anyArguments,
  templateFields: async () => (await import('../../shapes/volume.ts')).volumeShape,
  async run({ flags, args }, io, engine) {
    if (flags.all === args.length > 0) throw new UsageError('provide one or more volume names or use --all')
    const { volumes } = await engine()
    const names = flags.all ? (await volumes.list()).map(({ name }) => name) : args
    return inspectEach(names, async name => ({ kind: 'volume', object: volumeJson(await volumes.inspect(name)) }), io, {
      format: flags.format,
      indent: 5,
      problem: (error, name) =>
        codeOf(error) === 'VOLUME_UNKNOWN' ? `inspecting object: no such volume ${name}` : undefined,
    })
  },
})
