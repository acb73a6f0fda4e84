import { posix } from 'node:path'
import { isDigest } from '../digest.ts'

/**
 * Why a policy cannot have such a scope: one that is written so could never match, and what it was to protect would be open.
 * Undefined when it can. Transports that are not known here may have any.
 */
export function scopeProblem(transport: string, scope: string): string | undefined {
  if (scope === '') return undefined
  switch (transport) {
    case 'dir':
      return pathProblem(scope, scope)
    case 'oci':
    case 'oci-archive':
      return pathProblem(scope.replace(/:.*$/s, ''), scope)
    case 'docker-archive':
    case 'tarball':
      return `${transport}: does not support any scopes except the default "" one`
    case 'docker-daemon':
      return isDigest(scope) ? `docker-daemon: can not use algo:digest value ${scope} as a namespace` : undefined
    case 'containers-storage':
      return isStoreScope(scope) ? undefined : `Invalid scope ${scope}: must be a store, or an image or names in one`
    default:
      return undefined
  }
}

/** A store in brackets, and what is in it: names, then a digest, the whole of an image's id, or both. */
function isStoreScope(scope: string): boolean {
  const [, root = '', rest = ''] = /^\[(?:[^\]@]+@)?([^\]]+)\](.*)$/s.exec(scope) ?? []
  const [, ...pinned] = rest.split('@')
  const [first, second, ...more] = pinned
  const isId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
  if (!root.startsWith('/') || more.length > 0) return false
  if (first === undefined) return true
  return second === undefined ? isId(first) || isDigest(first) : isDigest(first) && isId(second)
}

function pathProblem(path: string, scope: string): string | undefined {
  if (!path.startsWith('/')) return `Invalid scope ${scope}: must be an absolute path`
  if (scope === '/') return 'Invalid scope "/": Use the generic default scope ""'
  const clean = posix.join('/', path).replace(/(.)\/$/, '$1')
  return clean === path
    ? undefined
    : `Invalid scope ${scope}: Uses non-canonical path format, perhaps try with path ${clean}`
}
