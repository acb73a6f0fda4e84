import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each } from '../../each.ts'
import { allFlag } from '../../options/selection.ts'

export const command = defineCommand({
  summary: "Unmount an image's root filesystem",
  description: 'Undoes a mount of an image; it stays mounted while it is used otherwise, unless forced.',
  usage: '[options] IMAGE [IMAGE...]',
  aliases: ['umount'],
  examples: ['{} imgID', '{} imgID1 imgID2 imgID3', '{} --all'],
  flags: {
    all: allFlag('Unmount all of the currently mounted images'),
    force: bool('Force the complete unmount of the specified mounted images', { short: 'f' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.all && args.length > 0)
      throw new UsageError('when using the --all switch, you may not pass any image IDs')
    if (!flags.all && args.length === 0) throw new UsageError('image name or ID must be specified')
    const { images } = await engine()
    const names = flags.all ? (await images.mounts()).map(({ id }) => id) : args
    const unmount = async (name: string) => {
      const { id } = await images.lookup(name)
      const outcome = await images.unmount(id, flags.force ? 'force' : 'once')
      return outcome === 'unmounted' ? id : undefined
    }
    return each(names, unmount, io)
  },
})
