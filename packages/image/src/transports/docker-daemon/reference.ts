import { type Digest, isDigest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import {
  type DockerReference,
  familiarName,
  familiarReference,
  formatDockerReference,
  parseDockerReference,
  repositoryScopes,
} from '../../reference/docker-reference.ts'
import type { Transport } from '../transport.ts'

/** An image a Docker daemon holds: by name and tag, or by the digest of its config (for reading). */
export type DaemonImage = { readonly name: DockerReference } | { readonly id: Digest }

/** Images of a Docker daemon: `docker-daemon:name:tag`, `docker-daemon:sha256:<config>` (containers-transports(5)). */
export const dockerDaemon: Transport = {
  name: 'docker-daemon',
  parse(text) {
    const image = readImageName(text)
    return {
      transport: dockerDaemon.name,
      text: 'id' in image ? image.id : formatDockerReference(image.name),
      ...('name' in image && { dockerReference: image.name }),
      policyScopes: 'id' in image ? [image.id] : [formatDockerReference(image.name), ...repositoryScopes(image.name)],
      openSource: async (access, call) => (await import('./source.ts')).openSource(image, access, call),
      openDestination: async (access, call) => (await import('./destination.ts')).openDestination(image, access, call),
    }
  },
}

function readImageName(text: string): DaemonImage {
  const invalid = (why: string): ImageError => new ImageError('REFERENCE_INVALID', why, { subject: text })
  if (isDigest(text)) {
    if (text.startsWith('sha256:')) return { id: text }
    throw invalid(`Invalid docker-daemon: reference ${text}: only digest algorithm sha256 accepted`)
  }
  const name = parseDockerReference(text)
  if (familiarName(name) === 'sha256')
    throw invalid(
      `Invalid docker-daemon: reference ${text}: The sha256 repository name is reserved for (non-shortened) digest references`,
    )
  if (name.tag === undefined && name.digest === undefined)
    throw invalid(`docker-daemon: reference ${familiarReference(name)} has neither a tag nor a digest`)
  if (name.tag !== undefined && name.digest !== undefined)
    throw invalid('docker-daemon: references with both a tag and digest are currently not supported')
  return { name }
}
