import type { Call } from '../../call.ts'
import { ImageError, type ImageErrorCode } from '../../errors.ts'
import { parseJson } from '../../json/parse.ts'
import { isObject } from '../../json/read.ts'
import type { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import { registryError } from './registry-error.ts'

const maximumPage = 4 * 1024 * 1024
const maximumPages = 1000

export interface Listing extends Call {
  /** What an error's message begins with. */
  readonly doing: string
  /** What a missing thing is. */
  readonly missing: ImageErrorCode
  readonly headers?: Readonly<Record<string, string>>
}

/** The pages of a list, one document each, as `Link` headers lead from one to the next (distribution-spec, RFC 8288). */
export async function* pages(client: RegistryClient, first: string, listing: Listing): AsyncGenerator<Uint8Array> {
  const { doing, missing, headers = {} } = listing
  const seen = new Set<string>()
  for (let next: URL | undefined = client.url(first); next !== undefined && seen.size < maximumPages; ) {
    seen.add(next.href)
    const { response, bytes } = await client.read(next, { headers, limit: maximumPage, what: 'list' }, listing)
    if (bytes === undefined) throw await registryError(response, doing, missing)
    yield bytes
    const target = nextTarget(header(response, 'link'))
    const url: URL | undefined = target === undefined ? undefined : atHome(client, target, next)
    next = url === undefined || seen.has(url.href) ? undefined : url
  }
}

/** All names that a list's pages have under `key`. @throws ImageError REGISTRY_ERROR */
export async function* namesOf(
  client: RegistryClient,
  first: string,
  listing: Listing & { readonly key: string },
): AsyncGenerator<string> {
  for await (const page of pages(client, first, listing)) {
    const reply = parseReply(page, listing, client.host)
    const names = isObject(reply) ? (reply.get(listing.key) ?? []) : undefined
    if (!Array.isArray(names)) throw notAList(listing, client.host)
    for (const name of names) {
      if (typeof name !== 'string') throw notAList(listing, client.host)
      yield name
    }
  }
}

function parseReply(page: Uint8Array, listing: Listing, host: string): ReturnType<typeof parseJson> {
  try {
    return parseJson(page, 'list')
  } catch {
    throw notAList(listing, host)
  }
}

const notAList = ({ doing }: Listing, host: string): ImageError =>
  new ImageError('REGISTRY_ERROR', `${doing}: registry ${host} did not answer with a list of names`)

/** The target of a `Link` header's `rel="next"`. */
export function nextTarget(link: string): string | undefined {
  for (let at = 0; ; ) {
    const start = link.indexOf('<', at)
    const end = start < 0 ? -1 : link.indexOf('>', start)
    if (end < 0) return undefined
    const next = link.indexOf('<', end)
    const parameters = link.slice(end + 1, next < 0 ? undefined : next)
    if (/;[ \t]*rel[ \t]*=[ \t]*"?next"?[ \t]*(?:[;,]|$)/i.test(parameters.trimEnd())) return link.slice(start + 1, end)
    at = end + 1
  }
}

/** Registries behind a gateway name their inner address: only path and query are taken, and asked of the registry itself. */
function atHome(client: RegistryClient, target: string, current: URL): URL | undefined {
  if (!URL.canParse(target, current)) return undefined
  const { pathname, search } = new URL(target, current)
  return client.url(pathname + search)
}
