import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool, string, uint } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { thisCaller } from '../options/container.ts'
import { parseFilters } from '../options/filters.ts'
import { registry, unaskedOfRegistry } from '../options/registry.ts'
import { filterFlag } from '../options/selection.ts'
import { listing } from '../print/listing.ts'

const { authfile, 'cert-dir': certDir, creds, 'tls-verify': tlsVerify } = registry.flags

export const command = defineCommand({
  summary: 'Search registry for image',
  description: 'Searches registries for images by name or description, or lists the tags of one repository.',
  usage: '[options] TERM',
  examples: ['{} --filter=is-official --limit 3 alpine', '{} --list-tags registry.example.com/library/alpine'],
  userNamespace: 'none',
  flags: {
    authfile,
    'cert-dir': certDir,
    creds,
    'tls-verify': tlsVerify,
    compatible: bool('List stars, official and automated columns (Docker compatibility)'),
    filter: filterFlag,
    format: string('Change the output format to JSON or a Go template'),
    limit: uint('Limit the number of results'),
    'list-tags': bool('List the tags of the input registry'),
    'no-trunc': bool('Do not truncate the output'),
  },
  args: exactly(1),
  templateFields: async () => fieldNames,
  async run({ flags, args: [term = ''] }, io, engine) {
    if (flags['list-tags'] && flags.filter.length > 0)
      throw new UsageError('filters are not applicable to list tags result')
    const access = registry.toSpec({ ...unaskedOfRegistry, ...flags }, thisCaller())
    const { images } = await engine()
    const hits = await images.search(term, {
      ...access,
      ...(flags.limit === undefined || flags.limit === 0 ? {} : { limit: flags.limit }),
      filters: parseFilters(flags.filter.map(wholeFilter)),
      listTags: flags['list-tags'] ? 'yes' : 'no',
      signal: io.interrupted,
    })
    const cut = (text: string) => (!flags['no-trunc'] && text.length > 44 ? `${text.slice(0, 44)}...` : text)
    const rows = hits.map(hit => ({
      Index: hit.index,
      Name: hit.name,
      Description: cut(hit.description),
      Stars: hit.stars,
      Official: hit.official,
      Automated: hit.automated,
      Tag: hit.tag,
    }))
    const fields = flags['list-tags']
      ? (['Name', 'Tag'] as const)
      : flags.compatible
        ? (['Name', 'Description', 'Stars', 'Official', 'Automated'] as const)
        : (['Name', 'Description'] as const)
    if (rows.length > 0 || flags.format)
      io.out(
        await listing(rows, flags, {
          fields,
          headings: {},
          name: 'search',
          type: 'entities.ImageSearchReport',
          quiet: row => row.Name,
          json: () => jsonOf(rows, flags['list-tags']),
        }),
      )
    return 0
  },
})

/** `is-official` alone means that it shall be so. @throws UsageError */
function wholeFilter(text: string): string {
  if (text.includes('=')) return text
  if (text === 'is-official' || text === 'is-automated') return `${text}=true`
  throw new UsageError(`invalid filter type ${JSON.stringify(text)}`)
}

/** Tags are listed by repository. */
function jsonOf(rows: readonly { readonly Name: string; readonly Tag: string }[], tags: boolean): unknown {
  if (!tags) return rows
  const groups = Map.groupBy(rows, ({ Name }) => Name)
  return [...groups].map(([Name, group]) => ({ Name, Tags: group.map(({ Tag }) => Tag) }))
}

/** What templates may ask of a row. */
const fieldNames = ['Index', 'Name', 'Description', 'Stars', 'Official', 'Automated', 'Tag'] as const
