import type { Call } from '../../call.ts'
import { type DockerReference, repositoryName } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { findTable, pullSources } from '../../registries/match.ts'
import type { AccessOptions } from '../transport.ts'
import { RegistryClient } from './client.ts'
import { namesOf } from './pages.ts'

/** All tags of a repository, following the pages (distribution-spec, listing tags). @throws ImageError NAME_UNKNOWN … */
export async function listTags(name: DockerReference, access: AccessOptions = {}, call: Call = {}): Promise<string[]> {
  await using client = await openRepository(name, access, call)
  const doing = `fetching tags list of ${repositoryName(name)}`
  const listing = { key: 'tags', missing: 'NAME_UNKNOWN', doing, ...call } as const
  return await Array.fromAsync(namesOf(client, `/v2/${client.options.repository}/tags/list`, listing))
}

/** A client for reading a repository where registries.conf says it is; mirrors are for images only. */
export async function openRepository(
  name: DockerReference,
  access: AccessOptions,
  call: Call,
): Promise<RegistryClient> {
  const source = pullSources(await loadRegistries(access), name).at(-1)
  const { reference, insecure } = source ?? { reference: name, insecure: 'no' as const }
  const { domain: host, path: repository } = reference
  return RegistryClient.open({ host, repository, actions: 'pull', access, insecure }, call)
}

/** All repositories of a registry that lets itself be listed. */
export async function listRepositories(
  registry: string,
  access: AccessOptions = {},
  call: Call = {},
): Promise<string[]> {
  await using client = await openRegistry(registry, access, call)
  const doing = `listing repositories of ${registry}`
  const listing = { key: 'repositories', missing: 'NAME_UNKNOWN', doing, ...call } as const
  return await Array.fromAsync(namesOf(client, '/v2/_catalog', listing))
}

/** A client for a registry as a whole. */
export async function openRegistry(registry: string, access: AccessOptions, call: Call): Promise<RegistryClient> {
  const insecure = findTable(await loadRegistries(access), registry)?.insecure ?? 'no'
  return RegistryClient.open({ host: registry, repository: '', actions: 'pull', access, insecure }, call)
}
