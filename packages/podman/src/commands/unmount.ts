import { anyArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { each, named } from '../each.ts'
import { allFlag, latestFlag, select } from '../options/selection.ts'

export const command = defineCommand({
  summary: "Unmounts working container's root filesystem",
  description: 'Undoes a mount of a container; it stays mounted while it is used otherwise, unless forced.',
  usage: '[options] CONTAINER [CONTAINER...]',
  aliases: ['umount'],
  examples: ['{} ctrID', '{} ctrID1 ctrID2 ctrID3', '{} --all'],
  flags: {
    all: allFlag('Unmount all of the currently mounted containers'),
    force: bool('Force the complete unmount of the specified mounted containers', { short: 'f' }),
    latest: latestFlag,
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const opened = await engine()
    const { containers } = opened
    const names =
      flags.all && args.length === 0 && !flags.latest
        ? (await containers.mounts()).map(({ id }) => id)
        : await select({ ...flags, args }, engine, { unknown: 'leave' })
    return each(
      names,
      named(name => containers.unmount(name, flags.force ? 'force' : 'once')),
      io,
    )
  },
})
