import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Migrate containers',
  description: 'Brings the database up to date. It does so by itself whenever it is opened; this only does it now.',
  usage: '',
  examples: ['{}'],
  flags: {
    'migrate-db': bool('Migrate database to SQLite', { hidden: 'yes' }),
    'new-runtime': string('Specify a new runtime for all containers', { hidden: 'yes' }),
  },
  args: noArguments,
  async run(_input, _io, engine) {
    const { system } = await engine()
    await system.migrate()
    return 0
  },
})
