import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { string } from '../../cli/flag.ts'
import { changesText } from '../../print/changes.ts'

export const command = defineCommand({
  summary: "Inspect changes to the image's file systems",
  description:
    'Shows what the top layer of an image, or all of it against another, added (A), changed (C) and deleted (D).',
  usage: '[options] IMAGE [IMAGE]',
  examples: ['{} myImage', '{} --format json redis:alpine'],
  flags: { format: string('Change the output format (json)') },
  args: between(1, 2),
  async run({ flags, args: [name = '', since] }, io, engine) {
    const { images } = await engine()
    const call = { signal: io.interrupted }
    if (since === undefined) io.out(changesText(await images.changes(name, call), flags.format))
    else {
      const [image, other] = await Promise.all([images.lookup(name), images.lookup(since)])
      io.out(changesText(await images.differences(image.id, other.id, call), flags.format))
    }
    return 0
  },
})
