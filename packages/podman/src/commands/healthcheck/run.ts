import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Run the health check of a container',
  description:
    'Runs the health check that a container was given. Exits with 0 when it is healthy and with 1 when it is not.',
  usage: '[options] CONTAINER',
  examples: ['{} mywebapp'],
  flags: { 'ignore-result': bool('Exit code is 0 regardless of health check result') },
  args: exactly(1),
  async run({ flags, args: [name = ''] }, io, engine) {
    const { containers } = await engine()
    const result = await containers.runHealthCheck(name)
    if (result === 'healthy') return 0
    io.out(`${result}\n`)
    return flags['ignore-result'] ? 0 : 1
  },
})
