import { ImageError } from '../errors.ts'
import {
  type DockerReference,
  isShortName,
  parseDockerReference,
  withDefaultTag,
} from '../reference/docker-reference.ts'
import type { Registries } from './registries.ts'

/** One image a short name may mean, and the file that says so. */
export interface ShortNameCandidate {
  readonly reference: DockerReference
  readonly from: 'qualified' | 'alias' | 'search'
  readonly origin: string
}

export interface ShortNames {
  readonly candidates: readonly ShortNameCandidate[]
  /** `ask`: a person chooses among the candidates and the choice is recorded as an alias. */
  readonly decision: 'use-in-order' | 'ask'
}

/**
 * What a name that a user typed may mean, in order (containers-registries.conf(5), short names). Tag `latest` is
 * added. Only `enforcing` without a terminal refuses several candidates.
 * @throws ImageError SHORT_NAME_UNRESOLVED, REFERENCE_INVALID
 */
export function resolveShortName(text: string, registries: Registries, terminal: 'yes' | 'no'): ShortNames {
  const parsed = withDefaultTag(parseDockerReference(text))
  if (!isShortName(text)) return inOrder([{ reference: parsed, from: 'qualified', origin: '' }])
  const { name, suffix } = splitName(text)
  const alias = registries.aliases.get(name)
  if (alias !== undefined) {
    return inOrder([candidate(alias + suffix, 'alias', registries.origin.aliases.get(name) ?? '')])
  }
  const found = registries.unqualifiedSearch.map(host =>
    candidate(`${host}/${text}`, 'search', registries.origin.search),
  )
  if (found.length === 0) throw unresolved(text, 'no containers-registries.conf(5) was found', registries)
  if (found.length === 1 || registries.shortNameMode === 'disabled') return inOrder(found)
  if (terminal === 'yes') return { candidates: found, decision: 'ask' }
  if (registries.shortNameMode === 'permissive') return inOrder(found)
  throw new ImageError('SHORT_NAME_UNRESOLVED', 'short-name resolution enforced but cannot prompt without a TTY', {
    subject: text,
  })
}

const inOrder = (candidates: readonly ShortNameCandidate[]): ShortNames => ({ candidates, decision: 'use-in-order' })

const candidate = (text: string, from: 'alias' | 'search', origin: string): ShortNameCandidate => ({
  reference: withDefaultTag(parseDockerReference(text)),
  from,
  origin,
})

function splitName(text: string): { readonly name: string; readonly suffix: string } {
  const end = text.slice(text.lastIndexOf('/') + 1).search(/[:@]/)
  const at = end < 0 ? text.length : text.lastIndexOf('/') + 1 + end
  return { name: text.slice(0, at), suffix: text.slice(at) }
}

function unresolved(text: string, nothing: string, registries: Registries): ImageError {
  const why =
    registries.origin.search === ''
      ? nothing
      : `no unqualified-search registries are defined in ${JSON.stringify(registries.origin.search)}`
  return new ImageError(
    'SHORT_NAME_UNRESOLVED',
    `short-name ${JSON.stringify(text)} did not resolve to an alias and ${why}`,
    { subject: text },
  )
}
