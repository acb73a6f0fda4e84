import type { Call } from '../../call.ts'
import { parseDigest } from '../../digest.ts'
import { acceptedManifestTypes } from '../../manifest/media-types.ts'
import { type DockerReference, formatDockerReference } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { pushTarget } from '../../registries/match.ts'
import type { AccessOptions } from '../transport.ts'
import { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import { registryError } from './registry-error.ts'

/** Removes the manifest a name stands for, and with it every tag of that manifest (distribution-spec, deleting). */
export async function deleteManifest(name: DockerReference, access: AccessOptions, call: Call = {}): Promise<void> {
  const { insecure } = pushTarget(await loadRegistries(access), name)
  await using client = await RegistryClient.open(
    { host: name.domain, repository: name.path, actions: '*', access, insecure },
    call,
  )
  const path = `/v2/${name.path}/manifests/${name.digest ?? name.tag ?? 'latest'}`
  const found = await client.send(path, { method: 'HEAD', headers: { accept: acceptedManifestTypes.join(', ') } }, call)
  const doing = `deleting ${formatDockerReference(name)}`
  if (found.statusCode !== 200) throw await registryError(found, doing, 'MANIFEST_UNKNOWN')
  const digest = name.digest ?? parseDigest(header(found, 'docker-content-digest'))
  const response = await client.send(`/v2/${name.path}/manifests/${digest}`, { method: 'DELETE' }, call)
  if (response.statusCode !== 202 && response.statusCode !== 200)
    throw await registryError(response, doing, 'MANIFEST_UNKNOWN')
  await response.body.dump()
}
