import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { inspectEach } from '../../inspect.ts'

export const command = defineCommand({
  summary: 'Display the configuration of an image',
  description: 'Displays the low-level information of an image identified by name or ID.',
  usage: '[options] IMAGE [IMAGE...]',
  examples: ['{} alpine', '{} --format "imageId: {{.Id}} size: {{.Size}}" alpine'],
  flags: { format: string('Format the output to a Go template or json', { short: 'f', default: 'json' }) },
  args: atLeast(1),
  templateFields: async () => (await import('../../shapes/image.ts')).imageShape,
  async run({ flags, args }, io, engine) {
    const { images } = await engine()
    return inspectEach(args, async name => ({ kind: 'image', object: await images.inspect(name) }), io, {
      format: flags.format,
      indent: 5,
    })
  },
})
