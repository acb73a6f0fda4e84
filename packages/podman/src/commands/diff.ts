import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { latestContainer, latestFlag } from '../options/selection.ts'
import { changesText } from '../print/changes.ts'

export const command = defineCommand({
  summary: "Display the changes to the object's file system",
  description: 'Shows what a container, or an image against its parent, added (A), changed (C) and deleted (D).',
  usage: '[options] {CONTAINER|IMAGE} [{CONTAINER|IMAGE}]',
  examples: ['{} imageID', '{} ctrID', '{} --format json redis:alpine'],
  flags: { format: string('Change the output format (json)'), latest: latestFlag },
  args: atMost(2),
  async run({ flags, args }, io, engine) {
    if (flags.latest && args.length > 0) throw new UsageError('--latest and containers cannot be used together')
    if (!flags.latest && args.length === 0)
      throw new UsageError('"podman diff" requires a name, id, or the "--latest" flag')
    const opened = await engine()
    const name = flags.latest ? await latestContainer(opened) : (args[0] ?? '')
    io.out(changesText(await opened.images.differences(name, args[1], { signal: io.interrupted }), flags.format))
    return 0
  },
})
