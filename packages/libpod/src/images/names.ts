import {
  type DockerReference,
  formatDockerReference,
  isShortName,
  parseDockerReference,
  type Registries,
  repositoryName,
  withDefaultTag,
  withDigest,
} from '@libpod/image'
import { LibpodError } from '../errors.ts'

/** How the user's text names an image. */
export type ImageName =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'name'; readonly reference: DockerReference; readonly short: 'yes' | 'no'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }

/**
 * Reads what a user typed: a full id with or without `sha256:`, a name (of tag and digest only the digest counts), or
 * something that can only be the beginning of an id.
 * @throws LibpodError NAME_INVALID
 */
export function readImageName(text: string): ImageName {
  const bare = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text
  if (/^[0-9a-f]{64}$/.test(bare)) return { kind: 'id', id: bare }
  if (bare !== text)
    throw new LibpodError(
      'NAME_INVALID',
      `${text}: cannot be used as an image name: expected 64-byte hexadecimal strings`,
    )
  try {
    const parsed = parseDockerReference(text)
    const reference = parsed.digest === undefined ? parsed : withDigest(parsed, parsed.digest)
    return { kind: 'name', reference, short: isShortName(text) ? 'yes' : 'no', text: withoutDoubleTag(text, parsed) }
  } catch (cause) {
    if (/^[0-9a-f]+$/.test(text)) return { kind: 'text', text }
    throw new LibpodError('NAME_INVALID', `parsing reference ${JSON.stringify(text)}: ${messageOf(cause)}`, { cause })
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** `a:1@sha256:…` means `a@sha256:…`. */
function withoutDoubleTag(text: string, { tag, digest }: DockerReference): string {
  if (tag === undefined || digest === undefined) return text
  return text.replace(`:${tag}@`, '@')
}

/** The full names that may be meant by a name, in the order in which the store is asked for them. */
export function localCandidates(
  name: ImageName & { kind: 'name' },
  registries: Registries,
): readonly DockerReference[] {
  const usual = withDefaultTag(name.reference)
  if (name.short === 'no') return [usual]
  const short = shortParts(name)
  const alias = registries.aliases.get(short.repository)
  const hosts = ['localhost', ...registries.unqualifiedSearch]
  const prefixed = hosts.map(host => withDefaultTag(parseDockerReference(`${host}/${name.text}`)))
  const aliased = alias ? [withDefaultTag(parseDockerReference(alias + short.suffix))] : []
  return [...aliased, ...prefixed, usual]
}

/** `name` and `:tag` or `@digest` of a short name as typed. */
export function shortParts(name: ImageName & { kind: 'name' }): {
  readonly repository: string
  readonly suffix: string
} {
  const { tag, digest } = name.reference
  const suffix = digest === undefined ? (tag === undefined ? '' : `:${tag}`) : `@${digest}`
  return { repository: suffix === '' ? name.text : name.text.slice(0, -suffix.length), suffix }
}

/** The first name whose repository ends with the short name's and whose tag is its tag. */
export function fuzzyMatch(name: ImageName & { kind: 'name' }, names: readonly string[]): string | undefined {
  const wanted = shortParts(name).repository
  const { tag, digest } = withDefaultTag(name.reference)
  return names.find(each => {
    const stored = tryParse(each)
    if (!stored || (digest === undefined && stored.tag !== tag)) return false
    const repository = repositoryName(stored)
    return repository === wanted || repository.endsWith(`/${wanted}`)
  })
}

export function tryParse(name: string): DockerReference | undefined {
  try {
    return parseDockerReference(name)
  } catch {
    return undefined
  }
}

/**
 * The name under which a tag is stored: without a registry it belongs to `localhost/`, without a tag it is `latest`.
 * @throws LibpodError NAME_INVALID
 */
export function newName(text: string): string {
  try {
    const qualified = isShortName(text) ? `localhost/${text.replace(/^\/+/, '')}` : text
    return formatDockerReference(withoutTagOfDigest(withDefaultTag(parseDockerReference(qualified))))
  } catch (cause) {
    throw new LibpodError('NAME_INVALID', `normalizing name ${JSON.stringify(text)}: ${messageOf(cause)}`, { cause })
  }
}

const withoutTagOfDigest = (reference: DockerReference): DockerReference =>
  reference.digest === undefined ? reference : withDigest(reference, reference.digest)

/** `repository@digest` for every name and digest of an image, sorted. */
export function repositoryDigests(names: readonly string[], digests: readonly string[]): readonly string[] {
  const repositories = names.map(tryParse).flatMap(name => (name ? [repositoryName(name)] : []))
  const all = repositories.flatMap(repository => digests.map(digest => `${repository}@${digest}`))
  return [...new Set(all)].sort()
}

/** Names with a tag: what `RepoTags` holds. */
export const taggedNames = (names: readonly string[]): readonly string[] =>
  names.filter(name => tryParse(name)?.tag !== undefined)
