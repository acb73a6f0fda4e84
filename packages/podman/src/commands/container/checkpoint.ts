import type { CheckpointOptions } from '@libpod/libpod'
import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { each, named } from '../../each.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

export const command = defineCommand({
  summary: 'Checkpoint one or more containers',
  description: 'Writes the processes of running containers down, to be restored later on this host. Needs criu.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --keep ctrID', '{} --all', '{} --leave-running --latest'],
  flags: {
    all: allFlag('Checkpoint all running containers'),
    'file-locks': bool('Checkpoint a container with file locks'),
    keep: bool('Keep all temporary checkpoint files', { short: 'k' }),
    latest: latestFlag,
    'leave-running': bool('Leave the container running after writing checkpoint to disk', { short: 'R' }),
    'tcp-established': bool('Checkpoint a container with established TCP connections'),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    const names = await select({ all: flags.all, latest: flags.latest, args }, engine, {
      all: ({ state }) => state === 'running',
    })
    const { containers } = await engine()
    const options: CheckpointOptions = {
      files: flags.keep ? 'keep' : 'remove',
      fileLocks: flags['file-locks'] ? 'yes' : 'no',
      afterwards: flags['leave-running'] ? 'leave-running' : 'stop',
      ...(flags['tcp-established'] ? { tcp: 'established' } : {}),
    }
    return each(
      names,
      named(name => containers.checkpoint(name, options)),
      io,
    )
  },
})
