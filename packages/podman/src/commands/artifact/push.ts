import { writeFileSync } from 'node:fs'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { thisCaller } from '../../options/container.ts'
import { registry } from '../../options/registry.ts'
import { signing, signingOptions } from '../../options/signing.ts'
import { showProgress } from '../../print/progress.ts'

export const command = defineCommand({
  summary: 'Push an OCI artifact',
  description: 'Push an OCI artifact from local storage to an image registry',
  usage: '[options] ARTIFACT.',
  examples: ['{} quay.io/myimage/myartifact:latest'],
  flags: {
    ...registry.flags,
    ...signing.flags,
    digestfile: string('Write the digest of the pushed image to the specified file'),
    quiet: bool('Suppress output information when pushing images', { short: 'q' }),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const options = { ...registry.toSpec(flags, thisCaller()), ...signingOptions(flags, thisCaller(), io) }
    const { artifacts } = await engine()
    using progress = showProgress(io, flags.quiet ? 'quiet' : 'shown')
    const call = { onProgress: progress.report, signal: io.interrupted }
    const { digest } = await artifacts.push(name, { ...options, ...call })
    if (flags.digestfile) writeFileSync(flags.digestfile, digest)
    return 0
  },
})
