import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { changesText } from '../../print/changes.ts'

export const command = defineCommand({
  summary: "Inspect changes to the image's file systems",
  description: 'Shows what the top layer of an image added (A), changed (C) and deleted (D).',
  usage: '[options] IMAGE',
  examples: ['{} myImage', '{} --format json redis:alpine'],
  flags: { format: string('Change the output format (json)') },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const { images } = await engine()
    io.out(changesText(await images.changes(name), flags.format))
    return 0
  },
})
