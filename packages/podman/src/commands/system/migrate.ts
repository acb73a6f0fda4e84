import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Migrate containers',
  description:
    'Brings the database up to date. It does so by itself whenever it is opened; this only does it now. The containers of a plain user are stopped, and the next command has the user ids of /etc/subuid as they are by then.',
  usage: '',
  examples: ['{}'],
  flags: {
    'migrate-db': bool('Migrate database to SQLite', { hidden: 'yes' }),
    'new-runtime': string('Specify a new runtime for all containers', { hidden: 'yes' }),
  },
  args: noArguments,
  async run(_input, io, engine) {
    const { system } = await engine()
    for (const id of await system.migrate()) io.out(`stopped ${id}\n`)
    return 0
  },
})
