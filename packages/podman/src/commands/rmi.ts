import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { tellRemoved } from '../images/removed.ts'
import { allFlag } from '../options/selection.ts'

export const command = defineCommand({
  summary: 'Remove one or more images from local storage',
  description: 'Removes one or more previously pulled or locally created images.',
  usage: '[options] IMAGE [IMAGE...]',
  examples: ['{} imageID', '{} --force alpine', '{} c4dfb1609ee2 93fd78260bd1 c0ed59d05ff7'],
  flags: {
    all: allFlag('Remove all images'),
    force: bool('Force Removal of the image', { short: 'f' }),
    ignore: bool('Ignore errors if a specified image does not exist', { short: 'i' }),
    'no-prune': bool('Do not remove dangling images'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (args.length === 0 && !flags.all) throw new UsageError('image name or ID must be specified')
    if (args.length > 0 && flags.all)
      throw new UsageError('when using the --all switch, you may not pass any images names or IDs')
    const { images } = await engine()
    const report = await images.remove(args, {
      inUse: flags.force ? 'remove-containers' : 'refuse',
      missing: flags.ignore || flags.force ? 'ignore' : 'refuse',
      which: flags.all ? 'all' : 'named',
      parents: flags['no-prune'] ? 'keep' : 'prune',
      signal: io.interrupted,
      onProgress: ({ message }) => io.warn(message),
    })
    return tellRemoved(report, io)
  },
})
