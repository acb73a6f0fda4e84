import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { tellRemoved } from '../../images/removed.ts'

export const command = defineCommand({
  summary: 'Remove manifest list or image index from local storage',
  description: 'Remove manifest list or image index from local storage.',
  usage: '[options] LIST [LIST...]',
  examples: ['{} mylist:v1.11'],
  flags: { ignore: bool('Ignore errors when a specified manifest is missing', { short: 'i' }) },
  args: atLeast(1),
  async run({ flags, args }, io, engine) {
    const { manifests } = await engine()
    return tellRemoved(await manifests.remove(args, { missing: flags.ignore ? 'ignore' : 'refuse' }), io)
  },
})
