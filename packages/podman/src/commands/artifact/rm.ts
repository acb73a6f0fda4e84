import { anyArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'

export const command = defineCommand({
  summary: 'Remove one or more OCI artifacts',
  description: 'Remove one or more OCI artifacts from local storage',
  usage: '[options] ARTIFACT [ARTIFACT...]',
  aliases: ['remove'],
  examples: ['{} quay.io/myimage/myartifact:latest', '{} -a', '{} c4dfb1609ee2 93fd78260bd1 c0ed59d05ff7'],
  flags: {
    all: bool('Remove all artifacts', { short: 'a' }),
    ignore: bool('Ignore error if artifact does not exist', { short: 'i' }),
  },
  args: anyArguments,
  async run({ flags, args }, io, engine) {
    if (flags.all && args.length > 0)
      throw new UsageError('when using the --all switch, you may not pass any artifact names or digests')
    if (!flags.all && args.length === 0) throw new UsageError('at least one artifact name or digest must be specified')
    const { artifacts } = await engine()
    const digests = await artifacts.remove(args, {
      which: flags.all ? 'all' : 'named',
      missing: flags.ignore ? 'ignore' : 'refuse',
    })
    io.out(digests.map(digest => `${digest.slice('sha256:'.length)}\n`).join(''))
    return 0
  },
})
