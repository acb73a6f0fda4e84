import type { Call } from '../../call.ts'
import { ImageError } from '../../errors.ts'
import { manifestDigest, maximumManifestSize } from '../../manifest/manifest.ts'
import { acceptedManifestTypes } from '../../manifest/media-types.ts'
import { type DockerReference, formatDockerReference } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { pushTarget } from '../../registries/match.ts'
import { findLookaside, removeFromLookaside } from '../../signature/lookaside.ts'
import type { AccessOptions } from '../transport.ts'
import { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import type { Response } from './http.ts'
import { registryError } from './registry-error.ts'

/**
 * Removes the manifest a name stands for, and with it every tag of that manifest (distribution-spec, deleting); then its
 * signatures, where they lie in a directory of registries.d. Attachments are images of their own and stay.
 */
export async function deleteManifest(name: DockerReference, access: AccessOptions, call: Call = {}): Promise<void> {
  const { insecure } = pushTarget(await loadRegistries(access), name)
  const { write } = await findLookaside(name, access)
  await using client = await RegistryClient.open(
    { host: name.domain, repository: name.path, actions: '*', access, insecure },
    call,
  )
  const path = `/v2/${name.path}/manifests`
  const doing = `deleting ${formatDockerReference(name)}`
  const headers = { accept: acceptedManifestTypes.join(', ') }
  const document = { headers, limit: maximumManifestSize, what: 'manifest' }
  const { response: found, bytes } = await client.read(`${path}/${name.digest ?? name.tag ?? 'latest'}`, document, call)
  if (found.statusCode === 404) throw await unknown(found, name)
  if (bytes === undefined) throw await registryError(found, doing, 'MANIFEST_UNKNOWN')
  const digest = name.digest ?? manifestDigest(bytes, header(found, 'content-type'))
  const response = await client.send(`${path}/${digest}`, { method: 'DELETE' }, call)
  if (response.statusCode !== 202 && response.statusCode !== 200)
    throw await registryError(response, doing, 'MANIFEST_UNKNOWN')
  await response.body.dump()
  await removeFromLookaside(write, { name, digest })
}

async function unknown(response: Response, name: DockerReference): Promise<ImageError> {
  await response.body.dump()
  const said = `Unable to delete ${formatDockerReference(name)}. Image may not exist or is not stored with a v2 Schema in a v2 registry`
  return new ImageError('MANIFEST_UNKNOWN', said, { status: 404 })
}
