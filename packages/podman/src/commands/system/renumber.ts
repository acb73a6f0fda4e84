import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Migrate lock numbers',
  description: 'Accepted for scripts: locks have names here, and there is nothing to number.',
  usage: '',
  examples: ['{}'],
  flags: {},
  args: noArguments,
  async run(_input, _io, engine) {
    const { system } = await engine()
    await system.renumber()
    return 0
  },
})
