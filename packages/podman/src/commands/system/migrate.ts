import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'

export const command = defineCommand({
  summary: 'Migrate containers',
  description:
    'Brings the database up to date. It does so by itself whenever it is opened; this only does it now. Running containers are stopped, and the next command of a plain user has the ids of /etc/subuid as they are by then.',
  usage: '[options]',
  examples: ['{}'],
  flags: {
    'migrate-db': bool('Migrate database to SQLite'),
    'new-runtime': string('Specify a new runtime for all containers'),
  },
  args: noArguments,
  async run({ flags }, io, engine) {
    const { system } = await engine()
    const runtime = flags['new-runtime']
    for (const id of await system.migrate(runtime ? { newRuntime: runtime } : {})) io.out(`stopped ${id}\n`)
    if (flags['migrate-db']) io.out('No migration is necessary: backing database is already SQLite\n')
    return 0
  },
})
