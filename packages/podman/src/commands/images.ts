import type { ImageSummary } from '@libpod/libpod'
import { atMost } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string, word } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { engineFailed } from '../exit-codes.ts'
import { jsonOf, type Row, rowsOf } from '../images/row.ts'
import { type SortKey, sortedImages, sortedRows, sortKeys } from '../images/sort.ts'
import { parseFilters } from '../options/filters.ts'
import { allFlag, filterFlag } from '../options/selection.ts'
import { columns } from '../print/columns.ts'
import { isJson } from '../print/is-json.ts'

export const command = defineCommand({
  summary: 'List images in local storage',
  description: 'Lists images previously pulled to the system or created on the system.',
  usage: '[options] [IMAGE]',
  examples: [
    '{} --format json',
    '{} --sort repository --format "table {{.ID}} {{.Repository}} {{.Tag}}"',
    '{} --filter dangling=true',
  ],
  flags: {
    all: allFlag('Show all images (default hides intermediate images)'),
    digests: bool('Show digests'),
    filter: filterFlag,
    format: string('Change the output format to JSON or a Go template'),
    history: bool('Display the image name history'),
    'no-trunc': bool('Do not truncate output'),
    noheading: bool('Do not print column headings', { short: 'n' }),
    quiet: bool('Display only image IDs', { short: 'q' }),
    sort: word('Sort by created, id, repository, size, tag', sortKeys, { default: 'created' }),
  },
  args: atMost(1),
  templateFields: async () => fieldNames,
  async run({ flags, args: [name] }, io, engine) {
    if (name !== undefined && flags.filter.length > 0) throw new UsageError('cannot specify an image and a filter(s)')
    const malformed = flags.filter.find(text => !text.includes('='))
    if (malformed !== undefined)
      throw new UsageError(
        `invalid image filter ${JSON.stringify(malformed)}: must be in the format "filter=value or filter!=value"`,
      )
    const { images } = await engine()
    const found = await images.list({
      which: flags.all ? 'all' : 'visible',
      filters: { ...parseFilters(flags.filter), ...(name === undefined ? {} : { reference: [name] }) },
    })
    // Before the list, at whose end nobody would look for it.
    const damages = new Set(found.flatMap(({ damage }) => damage ?? []))
    io.err([...damages].map(damage => `Error: ${damage}\n`).join(''))
    io.out(await page(sortedImages(found, flags.sort ?? 'created'), flags))
    return damages.size === 0 ? 0 : engineFailed
  },
})

interface How {
  readonly digests: boolean
  readonly format: string | undefined
  readonly history: boolean
  readonly 'no-trunc': boolean
  readonly noheading: boolean
  readonly quiet: boolean
  readonly sort: SortKey | undefined
}

async function page(images: readonly ImageSummary[], flags: How): Promise<string> {
  const ids = flags['no-trunc'] ? 'full' : 'short'
  if (flags.quiet)
    return [...new Set(images.map(({ id }) => (ids === 'full' ? `sha256:${id}` : id.slice(0, 12))))]
      .map(id => `${id}\n`)
      .join('')
  const rows = sortedRows(
    images.flatMap(image => rowsOf(image, ids)),
    flags.sort ?? 'created',
  )
  // An object for each row, as Podman has it: the same one again for an image with another name.
  if (isJson(flags.format)) {
    const objects = new Map(images.map(image => [image.id, jsonOf(image)]))
    return `${JSON.stringify(
      rows.map(({ Id }) => objects.get(Id)),
      undefined,
      4,
    )}\n`
  }
  if (flags.format === undefined) return table(rows, flags)
  const { formatRows } = await import('../print/format.ts')
  return formatRows(flags.format, rows, {
    name: 'images',
    type: 'images.imageReporter',
    headings: heads,
    noheading: flags.noheading,
  })
}

const heads: Readonly<Record<string, string>> = {
  ID: 'IMAGE ID',
  ReadOnly: 'R/O',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
}

function table(rows: readonly Row[], { digests, history, noheading }: How): string {
  const fields: string[] = ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'Created', 'Size']
  if (history) fields.push('History')
  if (rows.some(({ ReadOnly }) => ReadOnly)) fields.push('ReadOnly')
  const head = fields.map(field => heads[field] ?? field.toUpperCase())
  const cells = rows.map(row => fields.map(field => String(row[field]) || '<none>'))
  return columns(noheading ? cells : [head, ...cells])
}

/** What templates may ask of a row. */
const fieldNames = [
  'ID',
  'Id',
  'Repository',
  'Tag',
  'Digest',
  'RepoTags',
  'RepoDigests',
  'Created',
  'CreatedSince',
  'CreatedAt',
  'CreatedTime',
  'Size',
  'VirtualSize',
  'SharedSize',
  'Labels',
  'Containers',
  'Names',
  'History',
  'ParentId',
  'Dangling',
  'ReadOnly',
  'IsManifestList',
  'Arch',
  'Os',
] as const
