import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { noArguments } from '../../../cli/arguments.ts'
import { defineCommand } from '../../../cli/command.ts'
import { bool, string } from '../../../cli/flag.ts'
import { UsageError } from '../../../cli/usage-error.ts'
import { codeOf } from '../../../exit-codes.ts'
import { listing } from '../../../print/listing.ts'

export const command = defineCommand({
  summary: 'List destination for the Podman service(s)',
  description: 'Lists the connections that Podman keeps in podman-connections.json.',
  usage: '[options]',
  aliases: ['ls'],
  examples: ['{}', '{} --format json'],
  userNamespace: 'none',
  flags: {
    format: string('Custom Go template for printing connections', { short: 'f' }),
    quiet: bool('Custom Go template for printing connections', { short: 'q' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io) {
    const { Default, Connections } = readConnections(connectionsFile(io.env))
    const rows = Object.entries(Connections).map(([Name, { URI = '', Identity = '' }]) => ({
      Name,
      URI,
      Identity,
      Default: Name === Default,
      ReadWrite: true,
    }))
    const fields = ['Name', 'URI', 'Identity', 'Default', 'ReadWrite'] as const
    const headings = { Name: 'Name', Identity: 'Identity', Default: 'Default', ReadWrite: 'ReadWrite' }
    io.out(
      await listing(rows, flags, {
        fields,
        headings,
        name: 'list',
        type: 'connection.namedDestination',
        quiet: ({ Name }) => Name,
      }),
    )
    return 0
  },
})

interface Connections {
  readonly Default: string
  readonly Connections: Readonly<Record<string, { readonly URI?: string; readonly Identity?: string }>>
}

function connectionsFile(env: Readonly<Record<string, string | undefined>>): string {
  if (env.PODMAN_CONNECTIONS_CONF) return env.PODMAN_CONNECTIONS_CONF
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'containers/podman-connections.json')
}

function readConnections(path: string): Connections {
  try {
    const { Connection = {} } = JSON.parse(readFileSync(path, 'utf8')) as { Connection?: Partial<Connections> }
    return { Default: Connection.Default ?? '', Connections: Connection.Connections ?? {} }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { Default: '', Connections: {} }
    throw new UsageError(`${path} is no file of connections: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** What templates may ask of a row. */
const fieldNames = ['Name', 'URI', 'Identity', 'Default', 'ReadWrite'] as const
