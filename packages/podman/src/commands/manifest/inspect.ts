import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { thisCaller } from '../../options/container.ts'
import { manifestRegistry } from '../../options/manifest-registry.ts'

export const command = defineCommand({
  summary: 'Display the contents of a manifest list or image index',
  description: 'Display the contents of a manifest list or image index.',
  usage: '[options] IMAGE',
  examples: ['{} localhost/list'],
  flags: {
    ...manifestRegistry.flags,
    verbose: bool('Added for Docker compatibility', { short: 'v', hidden: 'yes' }),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const options = { ...manifestRegistry.toSpec(flags, thisCaller()), signal: io.interrupted }
    const { manifests } = await engine()
    io.out(`${JSON.stringify(await manifests.inspect(name, options), undefined, 4)}\n`)
    return 0
  },
})
