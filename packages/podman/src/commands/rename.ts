import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'

export const command = defineCommand({
  summary: 'Rename an existing container',
  usage: 'CONTAINER NAME',
  examples: ['{} containerA newName'],
  flags: {},
  args: exactly(2),
  async run({ args: [name = '', newName = ''] }, _io, engine) {
    const { containers } = await engine()
    await containers.rename(name, newName)
    return 0
  },
})
