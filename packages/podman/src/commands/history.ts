import type { HistoryEntry } from '@libpod/libpod'
import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string } from '../cli/flag.ts'
import { ago } from '../print/age.ts'
import { columns } from '../print/columns.ts'
import { isJson } from '../print/is-json.ts'
import { imageSize } from '../print/size.ts'

const heads = ['ID', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT']
const longestCommand = 45

export const command = defineCommand({
  summary: 'Show history of a specified image',
  description: 'Shows the steps that an image was made in, the newest first.',
  usage: '[options] IMAGE',
  examples: ['{} quay.io/fedora/fedora', "{} --format '{{.ID}} {{.Size}}' imageID"],
  flags: {
    format: string('Change the output to JSON or a Go template'),
    human: bool('Display sizes and dates in human readable format', { short: 'H', default: true }),
    'no-trunc': bool('Do not truncate the output'),
    quiet: bool('Display the numeric IDs only', { short: 'q' }),
  },
  args: exactly(1),
  templateFields: async () => fieldNames,
  async run({ flags, args: [name = ''] }, io, engine) {
    const { images } = await engine()
    const entries = await images.history(name)
    const length = flags['no-trunc'] ? 'full' : 'short'
    const rows = entries.map(entry => rowOf(entry, { length, human: flags.human ? 'yes' : 'no' }))
    if (isJson(flags.format)) io.out(`${JSON.stringify(entries.map(jsonOf))}\n`)
    else if (flags.quiet) io.out(rows.map(({ ID }) => `${ID}\n`).join(''))
    else if (flags.format !== undefined) {
      const { formatRows } = await import('../print/format.ts')
      io.out(
        formatRows(flags.format, rows, { name: 'history', type: 'images.historyReporter', json: entries.map(jsonOf) }),
      )
    } else io.out(columns([heads, ...rows.map(row => [row.ID, row.Created, row.CreatedBy, row.Size, row.Comment])]))
    return 0
  },
})

interface How {
  readonly length: 'full' | 'short'
  readonly human: 'yes' | 'no'
}

function rowOf(entry: HistoryEntry, { length, human }: How) {
  const missing = entry.id === '' || entry.id === '<missing>'
  const time = Date.parse(entry.created)
  const createdSince = ago(time)
  return {
    ID: missing ? '<missing>' : length === 'short' ? entry.id.slice(0, 12) : entry.id,
    Created: human === 'yes' ? createdSince : secondsOnly(entry.created),
    CreatedSince: createdSince,
    CreatedAt: secondsOnly(entry.created),
    CreatedBy: length === 'short' ? shortened(entry.createdBy) : entry.createdBy,
    Size: human === 'yes' ? imageSize(entry.size) : String(entry.size),
    Comment: entry.comment,
    Tags: entry.tags,
  }
}

const shortened = (text: string) => (text.length > longestCommand ? `${text.slice(0, longestCommand - 3)}...` : text)
const secondsOnly = (time: string) => time.replace(/\.\d+Z$/, 'Z')

const jsonOf = ({ id, created, createdBy, size, comment, tags }: HistoryEntry) => ({
  id,
  created,
  CreatedBy: createdBy,
  ...(tags.length > 0 ? { tags } : {}),
  size,
  comment,
  // Podman says it twice.
  Created: secondsOnly(created),
})

/** What templates may ask of a row. */
const fieldNames = ['ID', 'Created', 'CreatedSince', 'CreatedAt', 'CreatedBy', 'Size', 'Comment', 'Tags'] as const
