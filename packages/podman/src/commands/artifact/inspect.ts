import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { artifactJson } from '../../print/artifact-json.ts'
import { isJson } from '../../print/is-json.ts'

export const command = defineCommand({
  summary: 'Inspect an OCI artifact',
  description: 'Provide details on an OCI artifact',
  usage: '[options] ARTIFACT',
  examples: ['{} quay.io/myimage/myartifact:latest'],
  flags: { format: string('Format volume output using JSON or a Go template', { short: 'f', default: 'json' }) },
  args: exactly(1),
  templateFields: async () => (await import('../../shapes/artifact.ts')).artifactShape,
  async run({ flags, args: [name = ''] }, io, engine) {
    const { artifacts } = await engine()
    const shown = artifactJson(await artifacts.inspect(name))
    if (flags.format === '' || isJson(flags.format)) io.out(`${JSON.stringify(shown, undefined, 5)}\n`)
    else {
      const [{ formatRows }, { artifactShape }, { goValue }] = await Promise.all([
        import('../../print/format.ts'),
        import('../../shapes/artifact.ts'),
        import('../../shapes/shape.ts'),
      ])
      const rows = [goValue(shown, artifactShape)]
      io.out(formatRows(flags.format, rows, { name: 'inspect', type: artifactShape.type }))
    }
    return 0
  },
})
