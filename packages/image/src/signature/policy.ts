import type { DockerReference } from '../reference/docker-reference.ts'

/** policy.json, parsed: requirement lists by transport and scope (containers-policy.json(5)). */
export interface Policy {
  readonly default: readonly Requirement[]
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly Requirement[]>>
}

export type Requirement =
  | { readonly type: 'insecureAcceptAnything' }
  | { readonly type: 'reject' }
  | SignedBy
  | { readonly type: 'signedBaseLayer'; readonly baseLayerIdentity: Identity }
  | SigstoreSigned

/** Key material: files are read when it is used. */
export type Material = { readonly path: string } | { readonly data: Uint8Array }

export interface SignedBy {
  readonly type: 'signedBy'
  readonly keyType: string
  readonly keys: readonly Material[]
  readonly signedIdentity: Identity
}

export interface SigstoreSigned {
  readonly type: 'sigstoreSigned'
  readonly keys: readonly Material[]
  readonly fulcio?: { readonly ca: Material; readonly oidcIssuer: string; readonly subjectEmail: string }
  readonly pki?: {
    readonly roots: Material
    readonly intermediates?: Material
    readonly subjectHostname?: string
    readonly subjectEmail?: string
  }
  readonly rekorKeys: readonly Material[]
  readonly signedIdentity: Identity
}

export type Identity =
  | { readonly type: 'matchExact' | 'matchRepoDigestOrExact' | 'matchRepository' }
  | { readonly type: 'exactReference'; readonly dockerReference: DockerReference }
  | { readonly type: 'exactRepository'; readonly dockerRepository: DockerReference }
  | { readonly type: 'remapIdentity'; readonly prefix: string; readonly signedPrefix: string }

/** Accepts every image: for copies between places that are both ours. */
export const insecureAcceptAnything: Policy = {
  default: [{ type: 'insecureAcceptAnything' }],
  transports: new Map(),
}
