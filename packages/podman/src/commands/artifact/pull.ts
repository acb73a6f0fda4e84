import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { thisCaller } from '../../options/container.ts'
import { registry } from '../../options/registry.ts'
import { showProgress } from '../../print/progress.ts'

export const command = defineCommand({
  summary: 'Pull an OCI artifact',
  description: 'Pulls an artifact from a registry and stores it locally.',
  usage: '[options] ARTIFACT',
  examples: ['{} quay.io/myimage/myartifact:latest'],
  flags: {
    ...registry.flags,
    quiet: bool('Suppress output information when pulling images', { short: 'q' }),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const options = registry.toSpec(flags, thisCaller())
    const { artifacts } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    await artifacts.pull(name, { ...options, onProgress: progress.report, signal: io.interrupted })
    return 0
  },
})
