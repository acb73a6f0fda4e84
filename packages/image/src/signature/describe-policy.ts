import type { AccessOptions } from '../transports/transport.ts'
import { type LookasideScope, loadLookasideScopes } from './lookaside.ts'
import { readMaterial } from './material.ts'
import type { Material, Policy, Requirement } from './policy.ts'

/** One requirement of a policy, in the words of `podman image trust show`. */
export interface PolicyRow {
  /** `all` for the default, `repository` for docker://, else the transport's name. */
  readonly transport: string
  /** The scope; `default` for the default. */
  readonly scope: string
  readonly type: '' | 'accept' | 'reject' | 'signed' | 'sigstoreSigned'
  /** Addresses (or names) of the OpenPGP keys of `signed`. */
  readonly keyOwners: readonly string[]
  /** Where signatures of the scope are read from; '' when registries.d names no place. */
  readonly lookaside: string
  /** What keeps the requirement from being told, or from ever being met: a key that cannot be read. */
  readonly warnings: readonly string[]
}

const words = {
  insecureAcceptAnything: 'accept',
  reject: 'reject',
  signedBy: 'signed',
  sigstoreSigned: 'sigstoreSigned',
  signedBaseLayer: '',
} as const

/** The default first, then transports and their scopes in order. @throws ImageError REGISTRIES_INVALID */
export async function describePolicy(policy: Policy, access: AccessOptions = {}): Promise<readonly PolicyRow[]> {
  const lookasides = await loadLookasideScopes(access)
  const rows: PolicyRow[] = []
  const add = async (
    row: { transport: string; scope: string },
    requirements: readonly Requirement[],
  ): Promise<void> => {
    const lookaside = lookasideOf(lookasides, row.transport === 'all' ? '' : row.scope)
    for (const requirement of requirements) {
      rows.push({ ...row, type: words[requirement.type], ...(await keysOf(requirement)), lookaside })
    }
  }
  await add({ transport: 'all', scope: 'default' }, policy.default)
  for (const [transport, scopes] of sorted(policy.transports)) {
    const name = transport === 'docker' ? 'repository' : transport
    for (const [scope, requirements] of sorted(scopes)) await add({ transport: name, scope }, requirements)
  }
  return rows
}

const sorted = <T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

/** The scope's own entry, that of a path above it, or the default's. */
function lookasideOf(scopes: ReadonlyMap<string, LookasideScope>, scope: string): string {
  for (let at = scope; at !== ''; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    const found = scopes.get(at)
    if (found !== undefined) return found.lookaside ?? ''
  }
  return scopes.get('')?.lookaside ?? ''
}

type Keys = Pick<PolicyRow, 'keyOwners' | 'warnings'>

async function keysOf(requirement: Requirement): Promise<Keys> {
  if (requirement.type === 'signedBaseLayer')
    return { keyOwners: [], warnings: [`Invalid trust type ${requirement.type}`] }
  if (requirement.type !== 'signedBy') return { keyOwners: [], warnings: [] }
  const keys = await Promise.all(requirement.keys.map(readOwners))
  return { keyOwners: keys.flatMap(key => key.keyOwners), warnings: keys.flatMap(key => key.warnings) }
}

/** A key that cannot be read accepts nothing, and has no owner to show. */
async function readOwners(material: Material): Promise<Keys> {
  try {
    const { readPublicKeys } = await import('./public-keys.ts')
    const keys = await readPublicKeys(await readMaterial(material))
    const owners = keys.flatMap(key => key.getUserIDs()).map(id => /<([^>]*)>/.exec(id)?.[1] ?? id)
    return { keyOwners: owners, warnings: [] }
  } catch (cause) {
    return { keyOwners: [], warnings: [`Getting key identity: ${cause instanceof Error ? cause.message : cause}`] }
  }
}
