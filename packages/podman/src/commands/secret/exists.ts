import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'

export const command = defineCommand({
  summary: 'Check if a secret exists in local storage',
  description: 'Exits with 0 when it exists, and with 1 when it does not.',
  usage: 'SECRET',
  examples: ['{} mysecret'],
  flags: {},
  args: exactly(1),
  async run({ args: [name = ''] }, _io, engine) {
    const { secrets } = await engine()
    return (await secrets.exists(name)) ? 0 : 1
  },
})
