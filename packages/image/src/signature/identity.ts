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

/** Only an image by tag can match exactly: a digest says nothing about the name the signer meant. */
const exact = (image: DockerReference, claimed: DockerReference): boolean =>
  image.tag !== undefined && image.digest === undefined && same(image, claimed)

function byDigestOrExact(image: DockerReference, claimed: DockerReference): boolean {
  if (image.digest !== undefined && image.tag === undefined) return repositoryName(image) === repositoryName(claimed)
  return exact(image, claimed)
}

const same = (a: DockerReference, b: DockerReference): boolean => formatDockerReference(a) === formatDockerReference(b)

function remap(
  image: DockerReference,
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
): DockerReference | undefined {
  const name = formatDockerReference(image)
  if (!name.startsWith(prefix)) return image
  const rest = name.slice(prefix.length)
  if (rest !== '' && !'/:@'.includes(rest.charAt(0))) return image
  return parse(signedPrefix + rest)
}

/** Names in signatures are given in full; a name that is not is no name. */
function parse(text: string): DockerReference | undefined {
  try {
    const reference = parseDockerReference(text)
    return reference
  } catch {
    return undefined
  }
}
