import { StorageError } from './errors.ts'

/** `sha256:<64 hex>`; {@link parseDigest} is the only door (OCI image-spec, descriptor.md#digests). */
export type Digest = string & { readonly __brand: 'oci.Digest' }

const shapes = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/

/** Whether `text` is a digest of a known algorithm with the right number of lower-case hex digits. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && shapes.test(text)
}

/** @throws StorageError DIGEST_INVALID */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text
  throw new StorageError('DIGEST_INVALID', `invalid digest ${JSON.stringify(String(text).slice(0, 160))}`)
}

/** The hex part of a digest. */
export const digestHex = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1)
