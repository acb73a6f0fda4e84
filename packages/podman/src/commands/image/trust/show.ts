import { readFile } from 'node:fs/promises'
import { describePolicy, findPolicyFile, ImageError, type PolicyRow, parsePolicy } from '@libpod/image'
import { atMost } from '../../../cli/arguments.ts'
import { defineCommand } from '../../../cli/command.ts'
import { defined } from '../../../cli/defined.ts'
import { bool, string } from '../../../cli/flag.ts'
import { columns } from '../../../print/columns.ts'

export const command = defineCommand({
  summary: 'Display trust policy for the system',
  usage: '[options] [REGISTRY]',
  flags: {
    json: bool('Output as json', { short: 'j' }),
    noheading: bool('Do not print column headings', { short: 'n' }),
    policypath: string('', { hidden: 'yes' }),
    raw: bool('Output raw policy file'),
    registrypath: string('', { hidden: 'yes' }),
  },
  args: atMost(1),
  async run({ flags }, io) {
    const text = await readFile(flags.policypath || (await findPolicyFile()))
    if (flags.raw) {
      io.out(`${text}\n`)
      return 0
    }
    const rows = await describe(text, flags.registrypath)
    for (const { warnings } of rows) for (const warning of warnings) io.warn(warning)
    io.out(flags.json ? `${JSON.stringify(rows.map(jsonOf), undefined, 2)}\n` : tableOf(rows, flags.noheading))
    return 0
  },
})

async function describe(text: Uint8Array, registriesDir: string | undefined): Promise<readonly PolicyRow[]> {
  try {
    return await describePolicy(parsePolicy(text), defined({ registriesDir }))
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause
    throw new ImageError(cause.code, `could not show trust policies: ${cause.message}`, { cause })
  }
}

function tableOf(rows: readonly PolicyRow[], noheading: boolean): string {
  const head = ['TRANSPORT', 'NAME', 'TYPE', 'ID', 'STORE']
  const cells = rows.map(row => [row.transport, row.scope, row.type, ownersOf(row) ?? '', row.lookaside])
  return columns(noheading ? cells : [head, ...cells])
}

/** Only OpenPGP keys say whose they are. */
function ownersOf({ type, keyOwners }: PolicyRow): string | undefined {
  return type === 'sigstoreSigned' ? 'N/A' : keyOwners.join(', ') || undefined
}

const jsonOf = (row: PolicyRow): object =>
  defined({
    transport: row.transport,
    name: row.transport === 'all' ? '* (default)' : row.scope || undefined,
    repo_name: row.scope || undefined,
    sigstore: row.lookaside || undefined,
    type: row.type,
    gpg_id: ownersOf(row),
  })
