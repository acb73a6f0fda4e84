import { type AccessOptions, listTags, parseDockerReference, repositoryName, searchRegistry } from '@libpod/image'
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
 * `listTags` the tags of that repository there. What one registry finds is enough.
 * @throws LibpodError SPEC_INVALID; IMAGE_UNAVAILABLE when nothing was found and a registry failed
 */
export async function searchImages(
  rooms: ImageRooms,
  term: string,
  options: SearchOptions & Call = {},
): Promise<readonly SearchHit[]> {
  if (options.listTags === 'yes' && Object.keys(options.filters ?? {}).length > 0)
    throw new LibpodError('SPEC_INVALID', 'filters are not applicable to list tags result')
  const access = accessOf(rooms, options)
  const limit = options.limit ?? usualLimit
  const test = hitTest(options.filters ?? {})
  const { registries, text } = await whereToSearch(rooms, term)
  const asked = { text, limit, access, ...(options.signal && { signal: options.signal }) }
  const ask = options.listTags === 'yes' ? tagsAt : hitsAt
  const answers = await Promise.allSettled(registries.map(async registry => (await ask(registry, asked)).filter(test)))
  options.signal?.throwIfAborted()
  const found = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
  const failures = answers.flatMap(answer => (answer.status === 'rejected' ? [answer.reason] : []))
  if (found.length === 0 && failures.length > 0) throw searchFailed(failures)
  return found
}

interface Asked extends Call {
  readonly text: string
  readonly limit: number
  readonly access: AccessOptions
}

async function hitsAt(registry: string, { text, limit, access, ...call }: Asked): Promise<readonly SearchHit[]> {
  const found = await searchRegistry(registry, text, { limit, access, ...call }).catch((cause: Error) => {
    throw failed(`couldn't search registry ${JSON.stringify(registry)}`, cause)
  })
  return found.slice(0, limit).map(hit => ({
    index: registry,
    name: fullName(registry, hit.name),
    description: hit.description.replaceAll('\n', ' '),
    stars: hit.stars,
    official: hit.official === 'yes' ? '[OK]' : '',
    automated: hit.automated === 'yes' ? '[OK]' : '',
    tag: '',
  }))
}

async function tagsAt(registry: string, { text, limit, access, ...call }: Asked): Promise<readonly SearchHit[]> {
  const repository = parseDockerReference(`${registry}/${text}`)
  const tags = await listTags(repository, access, call).catch((cause: Error) => {
    throw failed('getting repository tags', cause)
  })
  const empty = { index: registry, description: '', stars: 0, official: '', automated: '' }
  return tags.slice(0, limit).map(tag => ({ ...empty, name: repositoryName(repository), tag }))
}

const failed = (doing: string, cause: Error): LibpodError =>
  new LibpodError('IMAGE_UNAVAILABLE', `${doing}: ${cause.message}`, { cause })

/** The well-known registry leaves the library's name out. */
const fullName = (registry: string, name: string): string =>
  /(?:^|\.)docker\.io$/.test(registry) && !name.includes('/') ? `docker.io/library/${name}` : `${registry}/${name}`

async function whereToSearch(
  rooms: ImageRooms,
  term: string,
): Promise<{ readonly registries: readonly string[]; readonly text: string }> {
  const slash = term.indexOf('/')
  if (slash >= 0) return { registries: [term.slice(0, slash)], text: term.slice(slash + 1) }
  return { registries: (await registriesOf(rooms)).unqualifiedSearch, text: term }
}

function searchFailed(reasons: readonly unknown[]): LibpodError {
  const lines = reasons.map(reason => `\t* ${reason instanceof Error ? reason.message : String(reason)}`)
  const count = reasons.length === 1 ? '1 error' : `${reasons.length} errors`
  const text = `${count} occurred:\n${lines.join('\n')}\n\n`
  return new LibpodError('IMAGE_UNAVAILABLE', text, { cause: new AggregateError(reasons) })
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
