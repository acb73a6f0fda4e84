import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { thisCaller } from '../../options/container.ts'
import { registry } from '../../options/registry.ts'

export const command = defineCommand({
  summary: 'Sign an image',
  description: 'Create a signature file that can be used later to verify the image.',
  usage: '[options] IMAGE [IMAGE...]',
  examples: ['{} --sign-by mykey imageID', '{} --sign-by mykey --directory ./mykeydir imageID'],
  flags: {
    ...registry.flags,
    all: bool('Sign all the manifests of the multi-architecture image', { short: 'a' }),
    directory: string('Define an alternate directory to store signatures', { short: 'd' }),
    'sign-by': string('Name of the signing key'),
  },
  args: atLeast(1),
  async run({ flags, args }, io, engine) {
    const access = registry.toSpec(flags, thisCaller())
    const signBy = flags['sign-by']
    if (!signBy) throw new UsageError('no identity provided')
    const options = {
      ...access,
      ...defined({ directory: flags.directory || undefined }),
      signBy,
      instances: flags.all ? ('all' as const) : ('named' as const),
      signal: io.interrupted,
    }
    const { images } = await engine()
    for (const name of args) await images.sign(name, options)
    return 0
  },
})
