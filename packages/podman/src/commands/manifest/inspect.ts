import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { thisCaller } from '../../options/container.ts'
import { manifestRegistry, readingAccess } from '../../options/manifest-registry.ts'

export const command = defineCommand({
  summary: 'Display the contents of a manifest list or image index',
  description: 'Display the contents of a manifest list or image index.',
  usage: '[options] IMAGE',
  examples: ['{} localhost/list'],
  flags: {
    ...manifestRegistry.reading,
    verbose: bool('Added for Docker compatibility', { short: 'v', hidden: 'yes' }),
  },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const options = { ...readingAccess(flags, thisCaller()), signal: io.interrupted }
    const { manifests } = await engine()
    const list = await manifests.inspect(name, options)
    if (list.manifests === null)
      io.warn(`The manifest type ${list.mediaType} is not a manifest list but a single image.`)
    io.out(`${JSON.stringify(list, undefined, 4)}\n`)
    return 0
  },
})
