import type { SecretRecord } from '@libpod/libpod'
import { noArguments } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { parseFilters } from '../../options/filters.ts'
import { filterFlag } from '../../options/selection.ts'
import { ago } from '../../print/age.ts'
import { listing } from '../../print/listing.ts'

export const command = defineCommand({
  summary: 'List secrets',
  usage: '[options]',
  aliases: ['list'],
  examples: ['{}', '{} --quiet'],
  flags: {
    filter: filterFlag,
    format: string('Format volume output using Go template'),
    noheading: bool('Do not print headers', { short: 'n' }),
    quiet: bool('Print secret IDs only', { short: 'q' }),
  },
  args: noArguments,
  templateFields: async () => fieldNames,
  async run({ flags }, io, engine) {
    const { secrets } = await engine()
    const found = await secrets.list(parseFilters(flags.filter))
    const headings = { CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' }
    const fields = ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt'] as const
    const rows = found.map(rowOf)
    const json = () => rows.map(({ Labels: _, ...shown }) => shown)
    io.out(
      await listing(rows, flags, {
        fields,
        headings,
        name: 'ls',
        type: 'secrets.secretListReport',
        quiet: ({ ID }) => ID,
        json,
      }),
    )
    return 0
  },
})

const rowOf = (secret: SecretRecord) => ({
  ID: secret.id,
  Name: secret.name,
  Driver: secret.driver,
  CreatedAt: ago(Date.parse(secret.createdAt)),
  UpdatedAt: ago(Date.parse(secret.updatedAt)),
  Labels: secret.labels,
})

/** What templates may ask of a row. */
const fieldNames = ['ID', 'Name', 'Driver', 'CreatedAt', 'UpdatedAt', 'Labels'] as const
