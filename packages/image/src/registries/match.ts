import { ImageError } from '../errors.ts'
import {
  type DockerReference,
  formatDockerReference,
  parseDockerReference,
  repositoryName,
} from '../reference/docker-reference.ts'
import type { Endpoint, Registries, RegistryTable } from './registries.ts'

/** A place an image may be pulled from. */
export interface PullSource {
  readonly reference: DockerReference
  readonly insecure: 'yes' | 'no'
}

/** The table that speaks for a name: the longest prefix that ends at a boundary. */
export function findTable(registries: Registries, name: string): RegistryTable | undefined {
  let best: RegistryTable | undefined
  for (const table of registries.tables) {
    const longer = best === undefined || table.prefix.length > best.prefix.length
    if (longer && matchedLength(name, table.prefix) >= 0) best = table
  }
  return best
}

/** Characters of `name` that the prefix stands for, or -1. */
function matchedLength(name: string, prefix: string): number {
  if (prefix.startsWith('*.')) {
    const host = /^[^/:@]*/.exec(name)?.[0] ?? ''
    const index = host.indexOf(prefix.slice(1))
    const end = index + prefix.length - 1
    return index > 0 && (end === name.length || ':/'.includes(name.charAt(end))) ? end : -1
  }
  if (!name.startsWith(prefix)) return -1
  return name.length === prefix.length || ':/@'.includes(name.charAt(prefix.length)) ? prefix.length : -1
}

/**
 * Where to pull an image from, mirrors first (containers-registries.conf(5)).
 * @throws ImageError REGISTRY_BLOCKED, REGISTRIES_INVALID
 */
export function pullSources(registries: Registries, name: DockerReference): readonly PullSource[] {
  const table = findTable(registries, formatDockerReference(name))
  if (table === undefined) return [{ reference: name, insecure: 'no' }]
  if (table.blocked === 'yes') throw blocked(name, table)
  const kind = name.digest === undefined ? 'tag-only' : 'digest-only'
  const mirrors = table.mirrors.filter(({ pullFromMirror }) => pullFromMirror === 'all' || pullFromMirror === kind)
  return [...mirrors, table].map(endpoint => ({
    reference: rewrite(name, table.prefix, endpoint),
    insecure: endpoint.insecure,
  }))
}

/** Whether bad TLS is tolerated where an image is pushed to. @throws ImageError REGISTRY_BLOCKED */
export function pushTarget(registries: Registries, name: DockerReference): PullSource {
  const table = findTable(registries, formatDockerReference(name))
  if (table?.blocked === 'yes') throw blocked(name, table)
  return { reference: name, insecure: table?.insecure ?? 'no' }
}

const blocked = (name: DockerReference, table: RegistryTable): ImageError =>
  new ImageError(
    'REGISTRY_BLOCKED',
    `registry ${name.domain} is blocked in registries.conf: ${JSON.stringify(repositoryName(name))} matches ${table.prefix}`,
    { hint: 'change the [[registry]] table whose prefix matches' },
  )

function rewrite(name: DockerReference, prefix: string, { location }: Endpoint): DockerReference {
  const full = formatDockerReference(name)
  if (location === '' || location === prefix) return name
  const rest = full.slice(matchedLength(full, prefix))
  try {
    return parseDockerReference(location + rest)
  } catch (cause) {
    throw new ImageError('REGISTRIES_INVALID', `rewriting ${full} for ${location} gives an invalid name`, { cause })
  }
}
