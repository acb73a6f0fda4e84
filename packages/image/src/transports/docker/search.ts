import type { Call } from '../../call.ts'
import { defaultDomain } from '../../reference/docker-reference.ts'
import { shapeProblem } from '../../schema/shape.ts'
import type { AccessOptions } from '../transport.ts'
import { quote, readBody } from './body.ts'
import type { RegistryClient } from './client.ts'
import { openRegistry } from './list.ts'
import { namesOf } from './pages.ts'

export interface SearchResult {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: 'yes' | 'no'
  readonly automated: 'yes' | 'no'
}

export interface SearchOptions extends Call {
  /** At most so many results (25). */
  readonly limit?: number
  readonly access?: AccessOptions
}

const maximumReply = 4 * 1024 * 1024
/** The well-known registry is searched under its old index host. */
const searchHosts: Readonly<Record<string, string>> = { [defaultDomain]: 'index.docker.io' }

/**
 * Searches a registry: the v1 search interface, else its catalogue (docker registry API).
 * @throws ImageError REGISTRY_UNREACHABLE, UNAUTHORIZED …
 */
export async function searchRegistry(
  registry: string,
  term: string,
  options: SearchOptions = {},
): Promise<readonly SearchResult[]> {
  const { limit = 25, access = {} } = options
  await using client = await openRegistry(searchHosts[registry] ?? registry, access, options)
  const found = term === '' ? undefined : await searchVersion1(client, term, { ...options, limit })
  return found ?? (await searchCatalog(client, term, { ...options, limit }))
}

type Bounded = SearchOptions & { readonly limit: number }

async function searchVersion1(
  client: RegistryClient,
  term: string,
  { limit, ...call }: Bounded,
): Promise<readonly SearchResult[] | undefined> {
  const query = new URLSearchParams({ q: term, n: String(limit) })
  const response = await client.send(`/v1/search?${query}`, { method: 'GET' }, call).catch(() => undefined)
  if (response === undefined) return undefined
  if (response.statusCode !== 200) {
    await response.body.dump()
    return undefined
  }
  const body = await readBody(response.body, maximumReply, `search reply of ${client.host}`)
  const reply = parseReply(body)
  return reply?.results.slice(0, limit).map(readResult)
}

interface SearchReply {
  readonly results: readonly {
    readonly name: string
    readonly description?: string | null
    readonly star_count?: number | null
    readonly is_official?: boolean | null
    readonly is_automated?: boolean | null
  }[]
}

/** Undefined: it is no answer of a search, so the registry has none. */
function parseReply(body: Buffer): SearchReply | undefined {
  try {
    const reply: unknown = JSON.parse(body.toString('utf8'))
    return shapeProblem('isSearchReply', reply) === undefined ? (reply as SearchReply) : undefined
  } catch {
    return undefined
  }
}

function readResult(item: SearchReply['results'][number]): SearchResult {
  return {
    name: quote(item.name, 4096),
    description: quote(item.description ?? '', 4096),
    stars: item.star_count ?? 0,
    official: item.is_official === true ? 'yes' : 'no',
    automated: item.is_automated === true ? 'yes' : 'no',
  }
}

async function searchCatalog(
  client: RegistryClient,
  term: string,
  { limit, ...call }: Bounded,
): Promise<readonly SearchResult[]> {
  const doing = `couldn't search registry ${JSON.stringify(client.host)}`
  const listing = { key: 'repositories', doing, missing: 'REGISTRY_ERROR', ...call } as const
  const names: string[] = []
  for await (const name of namesOf(client, '/v2/_catalog', listing)) {
    if (names.length >= limit) break
    if (name === term) names.unshift(name)
    else if (name.includes(term)) names.push(name)
  }
  return names.map(name => ({ name: quote(name), description: '', stars: 0, official: 'no', automated: 'no' }))
}
