import { createHash, type Hash } from 'node:crypto'
import { ImageError } from './errors.ts'

/** `algorithm:hex`, checked; {@link parseDigest} is the only door (OCI image-spec, descriptor.md#digests). */
export type Digest = string & { readonly __brand: 'oci.Digest' }

/** Hex digits per algorithm; anything else is refused, so a digest is always safe in a path or URL. */
const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/** Whether `text` is a digest of a known algorithm with the right number of lower-case hex digits. */
export function isDigest(text: unknown): text is Digest {
  if (typeof text !== 'string' || text.length > 140) return false
  const colon = text.indexOf(':')
  const length = Object.hasOwn(hexLength, text.slice(0, colon)) ? hexLength[text.slice(0, colon)] : undefined
  return length === text.length - colon - 1 && /^[0-9a-f]+$/.test(text.slice(colon + 1))
}

/** @throws ImageError DIGEST_INVALID */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text
  throw new ImageError('DIGEST_INVALID', `invalid digest ${JSON.stringify(String(text).slice(0, 160))}`, {
    hint: 'a digest looks like sha256:<64 lower-case hex digits>',
  })
}

export const digestAlgorithm = (digest: Digest): string => digest.slice(0, digest.indexOf(':'))
export const digestHex = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)

/** The digest of bytes in memory, sha256 unless named. */
export function digestOf(bytes: Uint8Array | string, algorithm = 'sha256'): Digest {
  return digestOfHash(createHash(algorithm).update(bytes), algorithm)
}

/** Ends a running hash and names its result. */
export function digestOfHash(hash: Hash, algorithm = 'sha256'): Digest {
  return parseDigest(`${algorithm}:${hash.digest('hex')}`)
}
