import {
  type DockerReference,
  formatDockerReference,
  parseDockerReference,
  repositoryName,
} from '../reference/docker-reference.ts'
import type { Identity } from './policy.ts'

/** Whether a signature made for the name `signed` vouches for an image called `image` (containers-policy.json(5)). */
export function identityMatches(rule: Identity, image: DockerReference | undefined, signed: string): boolean {
  const claimed = parse(signed)
  if (claimed === undefined) return false
  switch (rule.type) {
    case 'exactReference':
      return same(rule.dockerReference, claimed)
    case 'exactRepository':
      return repositoryName(rule.dockerRepository) === repositoryName(claimed)
    case 'matchExact':
      return image !== undefined && exact(image, claimed)
    case 'matchRepository':
      return image !== undefined && repositoryName(image) === repositoryName(claimed)
    case 'matchRepoDigestOrExact':
      return image !== undefined && byDigestOrExact(image, claimed)
    case 'remapIdentity': {
      const mapped = image === undefined ? undefined : remap(image, rule)
      return mapped !== undefined && byDigestOrExact(mapped, claimed)
    }
  }
}

const isFull = ({ tag, digest }: DockerReference): boolean => tag !== undefined || digest !== undefined

/** A name without tag and digest is a repository's, and no image's. */
const exact = (image: DockerReference, claimed: DockerReference): boolean => isFull(image) && same(image, claimed)

function byDigestOrExact(image: DockerReference, claimed: DockerReference): boolean {
  if (image.digest !== undefined && image.tag === undefined)
    return isFull(claimed) && repositoryName(image) === repositoryName(claimed)
  return exact(image, claimed)
}

const same = (a: DockerReference, b: DockerReference): boolean => formatDockerReference(a) === formatDockerReference(b)

function remap(
  image: DockerReference,
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
): DockerReference | undefined {
  const name = repositoryName(image)
  if (name !== prefix && !name.startsWith(`${prefix}/`)) return image
  return parse(signedPrefix + formatDockerReference(image).slice(prefix.length))
}

function parse(text: string): DockerReference | undefined {
  try {
    return parseDockerReference(text)
  } catch {
    return undefined
  }
}
