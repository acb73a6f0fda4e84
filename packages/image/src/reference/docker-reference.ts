import { type Digest, isDigest } from '../digest.ts'
import { ImageError } from '../errors.ts'

/** A fully normalised docker-style name (distribution reference grammar). */
export interface DockerReference {
  /** The registry's host, with its port if any: `docker.io`, `localhost:5000`. */
  readonly domain: string
  /** The repository below it: `library/busybox`. */
  readonly path: string
  readonly tag?: string
  readonly digest?: Digest
}

/** What a name without a host means, as every docker-compatible tool has it. */
export const defaultDomain = 'docker.io'
const legacyDefaultDomain = 'index.docker.io'
const officialNamespace = 'library/'
const maximumName = 255
const maximumText = 4096

const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[\w][\w.-]{0,127}$/
const hex64 = /^[a-f0-9]{64}$/

const fail = (message: string, text: string): ImageError =>
  new ImageError('REFERENCE_INVALID', message, { subject: text.slice(0, 300) })
const badFormat = (text: string): ImageError => fail('invalid reference format', text)

interface Parts {
  readonly name: string
  readonly tag?: string
  readonly digest?: Digest
}

/** Cuts `name[:tag][@digest]`; the tag's colon comes after the last slash. */
function cut(text: string): Parts {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1)
  const name = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? undefined : rest.slice(colon + 1)
  if (tag !== undefined && !tagPattern.test(tag)) throw badFormat(text)
  if (digest !== undefined && !isDigest(digest)) throw badDigest(digest, text)
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

function badDigest(digest: string, text: string): ImageError {
  if (/^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/.test(digest)) {
    return fail(
      /^sha(?:256|384|512):/.test(digest) ? 'invalid checksum digest length' : 'unsupported digest algorithm',
      text,
    )
  }
  return badFormat(text)
}

/** Whether a text is a registry's host, or a namespace or repository below it, with the host told. */
export function isNamespace(text: string): boolean {
  const [domain = '', ...path] = text.split('/')
  return !domain.startsWith('[') && domainPattern.test(domain) && path.every(part => componentPattern.test(part))
}

/** A first component is a host when it has a dot or a colon, or is `localhost`. */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost')
  const domain = isHost ? (first === legacyDefaultDomain ? defaultDomain : first) : defaultDomain
  const rest = isHost ? name.slice(slash + 1) : name
  return { domain, path: domain === defaultDomain && !rest.includes('/') ? officialNamespace + rest : rest }
}

/**
 * Parses and normalises a name: `busybox` is `docker.io/library/busybox`. No tag is added.
 * @throws ImageError REFERENCE_INVALID, worded as containers/image does
 */
export function parseDockerReference(text: string): DockerReference {
  if (text.length > maximumText) throw badFormat(text)
  if (hex64.test(text)) {
    throw fail(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`, text)
  }
  const { name, tag, digest } = cut(text)
  const { domain, path } = splitDomain(name)
  if (path !== path.toLowerCase()) {
    throw fail('invalid reference format: repository name must be lowercase', text)
  }
  checkRepository(domain, path, text)
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

function checkRepository(domain: string, path: string, text: string): void {
  if (!domainPattern.test(domain) || !path.split('/').every(part => componentPattern.test(part))) throw badFormat(text)
  if (domain.length + 1 + path.length > maximumName) {
    throw fail(`repository name must not be more than ${maximumName} characters`, text)
  }
}

/** `domain/path`, without tag and digest. */
export const repositoryName = (reference: DockerReference): string => `${reference.domain}/${reference.path}`

/** The whole normalised name as text. */
export const formatDockerReference = (reference: DockerReference): string =>
  repositoryName(reference) + suffix(reference)

const suffix = ({ tag, digest }: DockerReference): string =>
  (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)

/** The repository as people type it: the default domain and its `library/` left out where that is unambiguous. */
export function familiarName({ domain, path }: DockerReference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`
  const short = path.startsWith(officialNamespace) ? path.slice(officialNamespace.length) : path
  if (path.startsWith(officialNamespace) && !short.includes('/')) return short
  const first = path.split('/')[0] ?? ''
  return first === 'localhost' || first.includes('.') ? `${domain}/${path}` : path
}

/** {@link familiarName} with tag and digest. */
export const familiarReference = (reference: DockerReference): string => familiarName(reference) + suffix(reference)

/** Adds `:latest` when there is neither tag nor digest. */
export function withDefaultTag(reference: DockerReference): DockerReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

/** @throws ImageError REFERENCE_INVALID */
export function withTag({ domain, path }: DockerReference, tag: string): DockerReference {
  if (!tagPattern.test(tag)) throw fail('invalid tag format', tag)
  return { domain, path, tag }
}

export const withDigest = ({ domain, path }: DockerReference, digest: Digest): DockerReference => ({
  domain,
  path,
  digest,
})

export const withoutTag = ({ domain, path, digest }: DockerReference): DockerReference => ({
  domain,
  path,
  ...(digest !== undefined && { digest }),
})

/** Whether the name has no registry host of its own, so that short-name rules apply (containers-registries.conf(5)). */
export function isShortName(text: string): boolean {
  const name = text.split('@', 1)[0] ?? ''
  const slash = name.indexOf('/')
  if (slash < 0) return true
  const first = name.slice(0, slash)
  return !/[.:]/.test(first) && first !== 'localhost'
}

/** The repository, its parents and its host, most specific first: the order of policy and registries.d scopes. */
export function repositoryScopes(reference: DockerReference): string[] {
  const parts = reference.path.split('/')
  const scopes = parts.map((_, index) => `${reference.domain}/${parts.slice(0, parts.length - index).join('/')}`)
  return [...scopes, reference.domain, ...wildcardScopes(reference.domain)]
}

function wildcardScopes(domain: string): string[] {
  const labels = domain.replace(/:[0-9]+$/, '').split('.')
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
}
