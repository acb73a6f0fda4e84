import type { Call } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { maximumManifestSize, parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import type { DockerReference } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { pullSources } from '../../registries/match.ts'
import type { AccessOptions } from '../transport.ts'
import { readBody } from './body.ts'
import { RegistryClient } from './client.ts'
import { registryError } from './registry-error.ts'
import { fetchManifest } from './source.ts'

/** What refers to a manifest: by the referrers API, else by the tag that stands in for it (distribution-spec 1.1). */
export async function listReferrers(
  name: DockerReference,
  digest: Digest,
  access: AccessOptions = {},
  call: Call = {},
): Promise<readonly Descriptor[]> {
  const source = pullSources(await loadRegistries(access), name).at(-1)
  const { reference, insecure } = source ?? { reference: name, insecure: 'no' as const }
  const options = { host: reference.domain, repository: reference.path, actions: 'pull', access, insecure } as const
  await using client = await RegistryClient.open(options, call)
  const response = await client.send(`/v2/${reference.path}/referrers/${digest}`, { method: 'GET' }, call)
  if (response.statusCode === 200) return readIndex(await readBody(response.body, maximumManifestSize, 'referrers'))
  if (response.statusCode !== 404)
    throw await registryError(response, `listing referrers of ${digest}`, 'MANIFEST_UNKNOWN')
  await response.body.dump()
  return await byTag(client, reference, digest)
}

async function byTag(client: RegistryClient, name: DockerReference, digest: Digest): Promise<readonly Descriptor[]> {
  try {
    return readIndex((await fetchManifest(client, name, digest.replace(':', '-'))).bytes)
  } catch (error) {
    if (error instanceof ImageError && (error.code === 'MANIFEST_UNKNOWN' || error.code === 'NAME_UNKNOWN')) return []
    throw error
  }
}

function readIndex(bytes: Uint8Array): readonly Descriptor[] {
  const index = parseManifest(bytes, mediaTypes.ociIndex)
  return index.kind === 'index' ? index.manifests : []
}
