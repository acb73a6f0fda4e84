import { isIP } from 'node:net'
import { ImageError } from '../../errors.ts'

/** What a token server named by a registry may get: the user's credentials, or only an anonymous request. */
export type RealmTrust = 'credentials' | 'anonymous'

/**
 * Judges the realm a registry names, for a hostile one may name any address (CVE-2026-48978). TLS is never given up,
 * addresses given as numbers and local names are refused unless they are the registry's own, and credentials go
 * only to the registry's own registrable domain and to hosts (`host[:port]`) that the user trusts.
 * @throws ImageError FORBIDDEN
 */
export function judgeRealm(
  realm: string,
  registry: URL,
  trusted: readonly string[] = [],
): { readonly url: URL; readonly trust: RealmTrust } {
  const url = parse(realm, registry)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, registry, 'its scheme is not http(s)')
  if (url.username !== '' || url.password !== '') throw refused(url, registry, 'it carries a user name')
  if (registry.protocol === 'https:' && url.protocol !== 'https:') throw refused(url, registry, 'it is not https')
  if (url.hostname === registry.hostname || trusted.includes(url.host)) return { url, trust: 'credentials' }
  if (isLocal(url.hostname)) throw refused(url, registry, 'it is a local or numeric address of another host')
  return { url, trust: registrable(url.hostname) === registrable(registry.hostname) ? 'credentials' : 'anonymous' }
}

function parse(realm: string, registry: URL): URL {
  try {
    return new URL(realm)
  } catch (cause) {
    throw new ImageError('FORBIDDEN', `registry ${registry.host} names an invalid token server`, { cause })
  }
}

const refused = (url: URL, registry: URL, why: string): ImageError =>
  new ImageError('FORBIDDEN', `registry ${registry.host} names the token server ${url.origin}, refused: ${why}`)

function isLocal(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) !== 0 || !bare.includes('.') || /(^|\.)(localhost|local|internal)\.?$/.test(bare)
}

/** The part of a host somebody registers: two labels, three below such as `co.uk`. */
function registrable(host: string): string {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return host
  const labels = host.toLowerCase().replace(/\.$/, '').split('.')
  const [second = '', top = ''] = labels.slice(-2)
  const wide = top.length === 2 && (second.length <= 3 || /^(gouv|govt|edu)$/.test(second)) && labels.length > 2
  return labels.slice(wide ? -3 : -2).join('.')
}
