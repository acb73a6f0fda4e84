import type { RestoreOptions } from '@libpod/libpod'
import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { each, named } from '../../each.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Restore one or more containers from a checkpoint',
  description: 'Lets containers go on where a checkpoint on this host was made. Needs criu.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} ctrID', '{} --all', '{} --keep --latest'],
  flags: {
    all: allFlag('Restore all checkpointed containers'),
    'file-locks': bool('Restore a container with file locks'),
    keep: bool('Keep all temporary checkpoint files', { short: 'k' }),
    latest: latestFlag,
    'tcp-close': bool('Restore a container and close all TCP connections'),
    'tcp-established': bool('Restore a container with established TCP connections'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const names = await select({ all: flags.all, latest: flags.latest, args }, engine, {
      all: ({ state }) => state === 'exited',
    })
    const { containers } = await engine()
    const options: RestoreOptions = {
      files: flags.keep ? 'keep' : 'remove',
      fileLocks: flags['file-locks'] ? 'yes' : 'no',
      ...(flags['tcp-established'] ? { tcp: 'established' } : flags['tcp-close'] ? { tcp: 'close' } : {}),
    }
    return each(
      names,
      named(name => containers.restore(name, options)),
      io,
    )
  },
})
