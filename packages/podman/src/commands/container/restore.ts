import type { RestoreOptions } from '@libpod/libpod'
import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, type FlagValues, string, strings } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { each, named } from '../../each.ts'
import { allFlag, latestFlag, select } from '../../options/selection.ts'

const flags = {
  all: allFlag('Restore all checkpointed containers'),
  'file-locks': bool('Restore a container with file locks'),
  'ignore-rootfs': bool('Do not apply root file-system changes when importing from exported checkpoint'),
  'ignore-static-ip': bool('Ignore IP address set via --static-ip'),
  'ignore-static-mac': bool('Ignore MAC address set via --mac-address'),
  'ignore-volumes': bool('Do not export volumes associated with container'),
  import: string('Restore from exported checkpoint archive (tar.gz)', { short: 'i' }),
  'import-previous': string('Restore from exported pre-checkpoint archive (tar.gz)'),
  keep: bool('Keep all temporary checkpoint files', { short: 'k' }),
  latest: latestFlag,
  name: string('Specify new name for container restored from exported checkpoint (only works with image or --import)', {
    short: 'n',
  }),
  pod: string('Restore container into existing Pod (only works with image or --import)'),
  'print-stats': bool('Display restore statistics'),
  publish: strings("Publish a container's port, or a range of ports, to the host", { short: 'p' }),
  'tcp-close': bool('Restore a container and close all TCP connections'),
  'tcp-established': bool('Restore a container with established TCP connections'),
}

export const command = defineCommand({
  summary: 'Restore one or more containers from a checkpoint',
  description: 'Lets containers go on where a checkpoint on this host was made. Needs criu.',
  usage: '[options] CONTAINER [CONTAINER...]',
  examples: ['{} ctrID', '{} --all', '{} --keep --latest'],
  flags,
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    check(flags, args)
    const names = await select({ all: flags.all, latest: flags.latest, args }, engine, {
      unknown: 'leave',
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

/** Podman's rules first; then what cannot be restored here: only a container that was written down where it is. */
function check(values: FlagValues<typeof flags>, args: readonly string[]): void {
  const imported = values.import !== undefined
  for (const name of ['import-previous', 'ignore-rootfs', 'ignore-volumes', 'name', 'pod'] as const)
    if (values[name] && !imported) throw new UsageError(`--${name} can only be used with image or --import`)
  if (values.name && values['tcp-established']) throw new UsageError('--tcp-established cannot be used with --name')
  if (imported && (values.all || values.latest)) throw new UsageError('cannot use --import with --all or --latest')
  if (imported && args.length > 0) throw new UsageError('cannot use --import with positional arguments')
  const missing = (['import', 'ignore-static-ip', 'ignore-static-mac', 'print-stats'] as const).find(
    name => values[name],
  )
  const asked = missing ?? (values.publish.length > 0 ? 'publish' : undefined)
  if (asked) throw new UsageError(`--${asked} is not supported: a checkpoint stays with its container`)
}
