import type { Digest } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { DockerReference } from '../reference/docker-reference.ts'
import type { Reference } from '../transports/transport.ts'
import type { Policy, Requirement, SignedBy, SigstoreSigned } from './policy.ts'
import type { Signature, SigstoreSignature, SimpleSignature } from './signature.ts'

/** An image as far as trust is concerned; signatures are fetched only when a requirement asks for them. */
export interface SignedImage {
  readonly reference: Reference
  readonly manifestDigest: Digest
  signatures(): Promise<readonly Signature[]>
}

/** What a verifier is told about the image. */
export interface Claim {
  readonly manifestDigest: Digest
  readonly identity: DockerReference | undefined
}

/** The requirements that speak for a reference: its exact identity's, a wider scope's, the transport's, the default. */
export function requirementsFor(policy: Policy, reference: Reference): readonly Requirement[] {
  const scopes = policy.transports.get(reference.transport)
  for (const scope of scopes === undefined ? [] : [...reference.policyScopes, '']) {
    const found = scopes?.get(scope)
    if (found !== undefined) return found
  }
  return policy.default
}

/**
 * Refuses an image unless every requirement of the policy accepts it.
 * @throws ImageError POLICY_REJECTED
 */
export async function requireAllowed(policy: Policy, image: SignedImage): Promise<void> {
  for (const requirement of requirementsFor(policy, image.reference)) await requireOne(requirement, image)
}

async function requireOne(requirement: Requirement, image: SignedImage): Promise<void> {
  switch (requirement.type) {
    case 'insecureAcceptAnything':
      return
    case 'reject':
      throw rejected(`Running image ${describe(image)} is rejected by policy.`)
    case 'signedBaseLayer':
      throw rejected('signedBaseLayer is not supported')
    case 'signedBy':
      return requireSimple(requirement, image)
    case 'sigstoreSigned':
      return requireSigstore(requirement, image)
  }
}

async function requireSimple(requirement: SignedBy, image: SignedImage): Promise<void> {
  const signatures = (await image.signatures()).filter((one): one is SimpleSignature => one.kind === 'simple')
  const { simpleVerifier } = await import('./simple.ts')
  await requireAny(signatures, await simpleVerifier(requirement, claimOf(image)))
}

async function requireSigstore(requirement: SigstoreSigned, image: SignedImage): Promise<void> {
  const signatures = (await image.signatures()).filter((one): one is SigstoreSignature => one.kind === 'sigstore')
  const { sigstoreVerifier } = await import('./sigstore.ts')
  await requireAny(signatures, await sigstoreVerifier(requirement, claimOf(image)))
}

const claimOf = (image: SignedImage): Claim => ({
  manifestDigest: image.manifestDigest,
  identity: image.reference.dockerReference,
})

/** One good signature is enough; all the reasons are told when there is none. */
async function requireAny<T>(signatures: readonly T[], verify: (signature: T) => Promise<void>): Promise<void> {
  const reasons: string[] = []
  for (const signature of signatures) {
    const reason = await verify(signature).then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (reason === undefined) return
    reasons.push(reason)
  }
  if (reasons.length === 0) throw rejected('A signature was required, but no signature exists')
  if (reasons.length === 1) throw rejected(reasons[0] ?? '')
  throw rejected(`None of the signatures were accepted, reasons: ${reasons.join('; ')}`)
}

const describe = ({ reference }: SignedImage): string => `${reference.transport}:${reference.text}`

const rejected = (why: string): ImageError =>
  new ImageError('POLICY_REJECTED', `Source image rejected: ${why}`, {
    hint: 'containers-policy.json(5) says which images are accepted',
  })
