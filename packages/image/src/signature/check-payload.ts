import { ImageError } from '../errors.ts'
import { formatDockerReference } from '../reference/docker-reference.ts'
import type { Claim } from './evaluate.ts'
import { identityMatches } from './identity.ts'
import { type PayloadType, parsePayload } from './payload.ts'
import type { Identity } from './policy.ts'

/** Whether a payload, its signature already verified, is about this image. @throws ImageError SIGNATURE_INVALID */
export function checkPayload(bytes: Uint8Array, type: PayloadType, claim: Claim, rule: Identity): void {
  const payload = parsePayload(bytes)
  if (payload.type !== type) throw refused(`signature is of type ${JSON.stringify(payload.type)}`)
  if (payload.manifestDigest !== claim.manifestDigest)
    throw refused(`Signature for digest ${payload.manifestDigest} does not match`)
  if (!identityMatches(rule, claim.identity, payload.dockerReference)) {
    const wanted = claim.identity === undefined ? 'an image without a name' : formatDockerReference(claim.identity)
    throw refused(`Signature for identity ${JSON.stringify(payload.dockerReference)} is not accepted for ${wanted}`)
  }
}

export const refused = (why: string, cause?: unknown): ImageError =>
  new ImageError('SIGNATURE_INVALID', why, cause === undefined ? {} : { cause })
