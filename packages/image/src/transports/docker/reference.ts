import { ImageError } from '../../errors.ts'
import {
  type DockerReference,
  familiarReference,
  formatDockerReference,
  parseDockerReference,
  repositoryScopes,
  withDefaultTag,
} from '../../reference/docker-reference.ts'
import type { Reference, Transport } from '../transport.ts'

/** Images in registries: `docker://name[:tag|@digest]` (containers-transports(5)). */
export const docker: Transport = {
  name: 'docker',
  parse(text) {
    if (!text.startsWith('//')) {
      throw new ImageError('REFERENCE_INVALID', `docker: image reference ${text} does not start with //`)
    }
    const name = text.slice(2)
    if (name.endsWith(unknownDigest)) return untagged(parseDockerReference(name.slice(0, -unknownDigest.length)))
    return dockerReference(withDefaultTag(parseDockerReference(name)))
  },
}

/** Ends a name that an image is pushed to without giving it a tag: only its digest leads to it. */
const unknownDigest = '@@unknown-digest@@'

function untagged(name: DockerReference): Reference {
  if (name.tag !== undefined || name.digest !== undefined) {
    throw new ImageError(
      'REFERENCE_INVALID',
      `docker: image reference ${JSON.stringify(formatDockerReference(name) + unknownDigest)} has unknown digest set but it contains either a tag or digest`,
    )
  }
  return {
    transport: docker.name,
    text: `//${familiarReference(name)}${unknownDigest}`,
    dockerReference: name,
    policyScopes: repositoryScopes(name),
    openDestination: async (access, call) => (await import('./destination.ts')).openDestination(name, access, call),
  }
}

/** The image of a parsed name; tag and digest at once are refused, as the real tools refuse them. */
export function dockerReference(name: DockerReference): Reference {
  if (name.tag !== undefined && name.digest !== undefined) {
    throw new ImageError(
      'REFERENCE_INVALID',
      'Docker references with both a tag and digest are currently not supported',
      { subject: formatDockerReference(name) },
    )
  }
  return {
    transport: docker.name,
    text: `//${familiarReference(name)}`,
    dockerReference: name,
    policyScopes: [formatDockerReference(name), ...repositoryScopes(name)],
    openSource: async (access, call) => (await import('./source.ts')).openSource(name, access, call),
    openDestination: async (access, call) => (await import('./destination.ts')).openDestination(name, access, call),
    delete: async (access, call) => (await import('./delete.ts')).deleteManifest(name, access, call),
  }
}
