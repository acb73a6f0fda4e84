import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { listing } from '../../print/listing.ts'
import { volumeJson } from '../../print/volume-json.ts'

export const command = defineCommand({
  summary: 'List volumes',
  description: 'Lists the volumes of this store.',
  usage: '[options]',
  aliases: ['list'],
  examples: ['{}', '{} --format json', '{} --filter name=foo,label=blue'],
  flags: {
    filter: filterFlag,
    format: string('Format volume output using JSON or a Go template', {
      default: '{{range .}}{{.Driver}}\\t{{.Name}}\\n{{end -}}',
    }),
    noheading: bool('Do not print headers', { short: 'n' }),
    quiet: bool('Print volume output in quiet mode', { short: 'q' }),
  },
  args: noArguments,
  templateFields: async () => (await import('../../shapes/volume.ts')).volumeShape,
  async run({ flags, given }, io, engine) {
    if (flags.quiet && given.has('format')) throw new UsageError('quiet and format flags cannot be used together')
    const { volumes } = await engine()
    const found = (await volumes.list(parseFilters(flags.filter))).map(volumeJson)
    const shown = { ...flags, format: given.has('format') ? flags.format : undefined }
    io.out(
      await listing(found, shown, {
        fields: ['Driver', 'Name'],
        headings: { Name: 'VOLUME NAME' },
        templateRow: async volume => {
          const [{ goValue }, { volumeShape }] = await Promise.all([
            import('../../shapes/shape.ts'),
            import('../../shapes/volume.ts'),
          ])
          return goValue(volume, volumeShape)
        },
        name: 'ls',
        type: 'entities.VolumeListReport',
        quiet: ({ Name }) => Name,
      }),
    )
    return 0
  },
})
