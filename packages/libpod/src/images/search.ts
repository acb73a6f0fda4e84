import { listTags, parseDockerReference, repositoryName, searchRegistry } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import { parseBool } from '../filters/values.ts'
import type { Call } from '../spec/call.ts'
import type { SearchHit, SearchOptions } from './images.ts'
import { registriesOf } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'
import { accessOf } from './transfer.ts'

const usualLimit = 25

/**
 * Images whose name or description has the term, asked of the registry it begins with or of every search registry; with
 * `listTags` the tags of that one repository. @throws LibpodError SPEC_INVALID, IMAGE_UNAVAILABLE when every registry failed
 */
export async function searchImages(
  rooms: ImageRooms,
  term: string,
  options: SearchOptions & Call = {},
): Promise<readonly SearchHit[]> {
  const access = accessOf(rooms, options)
  if (options.listTags === 'yes') return tagsOf(rooms, term, options)
  const { registries, text } = await whereToSearch(rooms, term)
  const limit = options.limit ?? usualLimit
  const answers = await Promise.allSettled(
    registries.map(async index => {
      const found = await searchRegistry(index, text, { limit, access })
      return found.slice(0, limit).map(hit => ({
        index,
        name: `${index}/${hit.name}`,
        description: hit.description.replaceAll('\n', ' '),
        stars: hit.stars,
        official: hit.official === 'yes' ? '[OK]' : '',
        automated: hit.automated === 'yes' ? '[OK]' : '',
        tag: '',
      }))
    }),
  )
  const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? [answer.value] : []))
  if (found.length === 0) throw searchFailed(answers)
  return found.flat().filter(hitTest(options.filters ?? {}))
}

async function whereToSearch(
  rooms: ImageRooms,
  term: string,
): Promise<{ readonly registries: readonly string[]; readonly text: string }> {
  const [first = ''] = term.split('/', 1)
  if (term.includes('/') && /[.:]|^localhost$/.test(first))
    return { registries: [first], text: term.slice(first.length + 1) }
  const { unqualifiedSearch } = await registriesOf(rooms)
  if (unqualifiedSearch.length > 0) return { registries: unqualifiedSearch, text: term }
  throw new LibpodError(
    'CONFIG_INVALID',
    `couldn't search: no registry is named and registries.conf defines no unqualified-search-registries`,
    { subject: term },
  )
}

function searchFailed(answers: readonly PromiseSettledResult<unknown>[]): LibpodError {
  const reasons = answers.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
  const text = reasons.map(reason => (reason instanceof Error ? reason.message : String(reason))).join('; ')
  return new LibpodError('IMAGE_UNAVAILABLE', text, { cause: new AggregateError(reasons) })
}

async function tagsOf(rooms: ImageRooms, term: string, options: SearchOptions & Call): Promise<readonly SearchHit[]> {
  if (Object.keys(options.filters ?? {}).length > 0)
    throw new LibpodError('SPEC_INVALID', 'filters are not applicable to list tags result')
  const repository = parseDockerReference(term)
  const tags = await listTags(repository, accessOf(rooms, options), options)
  const empty = { index: repository.domain, description: '', stars: 0, official: '', automated: '' }
  return tags.slice(0, options.limit ?? usualLimit).map(tag => ({ ...empty, name: repositoryName(repository), tag }))
}

/** `stars=N` (at least), `is-official[=bool]`, `is-automated[=bool]`. */
function hitTest(filters: NonNullable<SearchOptions['filters']>): (hit: SearchHit) => boolean {
  const tests = Object.entries(filters).flatMap(([key, values]) => values.map(value => oneTest(key, value)))
  return hit => tests.every(test => test(hit))
}

function oneTest(key: string, value: string): (hit: SearchHit) => boolean {
  if (key === 'stars' && /^\d+$/.test(value)) return hit => hit.stars >= Number(value)
  if (key === 'is-official' || key === 'is-automated') {
    const wanted = value === '' || parseBool(value, key)
    return hit => ((key === 'is-official' ? hit.official : hit.automated) !== '') === wanted
  }
  throw new LibpodError('SPEC_INVALID', `invalid filter type ${JSON.stringify(`${key}=${value}`)}`)
}
