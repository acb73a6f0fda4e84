import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import { type DockerReference, repositoryName } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { findTable, pullSources } from '../../registries/match.ts'
import type { AccessOptions } from '../transport.ts'
import { readBody } from './body.ts'
import { header, RegistryClient } from './client.ts'
import { registryError } from './registry-error.ts'

const maximumPage = 4 * 1024 * 1024
const maximumPages = 1000

/** All tags of a repository, following the pages (distribution-spec, listing tags). @throws ImageError NAME_UNKNOWN … */
export async function listTags(name: DockerReference, access: AccessOptions = {}, call: Call = {}): Promise<string[]> {
  const [source] = pullSources(await loadRegistries(access), name).slice(-1)
  if (source === undefined) return []
  const { reference, insecure } = source
  const options = { host: reference.domain, repository: reference.path, actions: 'pull', access, insecure } as const
  await using client = await RegistryClient.open(options, call)
  return await pages(client, `/v2/${reference.path}/tags/list`, {
    key: 'tags',
    doing: `fetching tags list of ${repositoryName(name)}`,
    ...call,
  })
}

/** All repositories of a registry that lets itself be listed. */
export async function listRepositories(
  registry: string,
  access: AccessOptions = {},
  call: Call = {},
): Promise<string[]> {
  await using client = await openRegistry(registry, access, call)
  return await pages(client, '/v2/_catalog', {
    key: 'repositories',
    doing: `listing repositories of ${registry}`,
    ...call,
  })
}

/** A client for a registry as a whole. */
export async function openRegistry(registry: string, access: AccessOptions, call: Call): Promise<RegistryClient> {
  const insecure = findTable(await loadRegistries(access), registry)?.insecure ?? 'no'
  return RegistryClient.open({ host: registry, repository: '', actions: 'pull', access, insecure }, call)
}

interface Listing extends Call {
  readonly key: string
  readonly doing: string
}

async function pages(client: RegistryClient, first: string, listing: Listing): Promise<string[]> {
  const all: string[] = []
  let next: URL | undefined = client.url(first)
  for (let page = 0; next !== undefined && page < maximumPages; page++) {
    const response = await client.send(next, { method: 'GET' }, listing)
    if (response.statusCode !== 200) throw await registryError(response, listing.doing, 'NAME_UNKNOWN')
    const link = header(response, 'link')
    all.push(...readNames(await readBody(response.body, maximumPage, listing.doing), listing))
    next = nextPage(client, link, next)
  }
  return all
}

function readNames(body: Buffer, { key, doing }: Listing): string[] {
  const reply = JSON.parse(body.toString('utf8')) as Record<string, unknown> | null
  const names = reply?.[key] ?? []
  if (Array.isArray(names) && names.every(name => typeof name === 'string')) return names
  throw new ImageError('REGISTRY_ERROR', `${doing}: the reply has no list of ${key}`)
}

/** The `Link` of the next page (RFC 8288), at the same registry. */
function nextPage(client: RegistryClient, link: string, current: URL): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(link)?.[1]
  if (target === undefined) return undefined
  const url = new URL(target, current)
  return client.isHome(url) && url.href !== current.href ? url : undefined
}
