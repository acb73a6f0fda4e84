import type { CheckpointOptions } from '@libpod/libpod'
import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, type FlagValues, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each, named } from '../../each.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

const flags = {
  all: allFlag('Checkpoint all running containers'),
  compress: string('Select compression algorithm (gzip, none, zstd) for checkpoint archive.', {
    short: 'c',
    shown: '"zstd"',
  }),
  'create-image': string('Create checkpoint image with specified name'),
  export: string('Export the checkpoint image to a tar.gz', { short: 'e' }),
  'file-locks': bool('Checkpoint a container with file locks'),
  'ignore-rootfs': bool('Do not include root file-system changes when exporting'),
  'ignore-volumes': bool('Do not export volumes associated with container'),
  keep: bool('Keep all temporary checkpoint files', { short: 'k' }),
  latest: latestFlag,
  'leave-running': bool('Leave the container running after writing checkpoint to disk', { short: 'R' }),
  'pre-checkpoint': bool("Dump container's memory information only, leave the container running", { short: 'P' }),
  'print-stats': bool('Display checkpoint statistics'),
  'tcp-established': bool('Checkpoint a container with established TCP connections'),
  'with-previous': bool('Checkpoint container with pre-checkpoint images'),
}

export const command = defineCommand({
  summary: 'Checkpoint one or more containers',
  description: 'Writes the processes of running containers down, to be restored later on this host. Needs criu.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} --keep ctrID', '{} --all', '{} --leave-running --latest'],
  flags,
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    check(flags)
    const names = await select({ all: flags.all, latest: flags.latest, args }, engine, {
      unknown: 'leave',
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

/** Podman's rules first; then what a checkpoint here cannot be: it stays where its container is. */
function check(values: FlagValues<typeof flags>): void {
  const { compress, export: archive } = values
  if (compress !== undefined && archive === undefined) throw new UsageError('--compress can only be used with --export')
  if (compress !== undefined && !['gzip', 'none', 'zstd'].includes(compress.toLowerCase()))
    throw new UsageError(
      `selected compression algorithm (${JSON.stringify(compress)}) not supported. Please select one from: gzip, none, zstd`,
    )
  for (const name of ['ignore-rootfs', 'ignore-volumes'] as const)
    if (values[name] && archive === undefined) throw new UsageError(`--${name} can only be used with --export`)
  if (values['with-previous'] && values['pre-checkpoint'])
    throw new UsageError('--with-previous can not be used with --pre-checkpoint')
  const missing = (['export', 'create-image', 'pre-checkpoint', 'with-previous', 'print-stats'] as const).find(
    name => values[name],
  )
  if (missing) throw new UsageError(`--${missing} is not supported: a checkpoint stays with its container`)
}
