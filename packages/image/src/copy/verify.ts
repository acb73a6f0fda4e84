import { createHash } from 'node:crypto'
import type { Bytes } from '../call.ts'
import { type Digest, digestAlgorithm, digestOf, digestOfHash } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { manifestDigest } from '../manifest/manifest.ts'

/** What a blob turned out to be once it has been read. */
export interface Seen {
  digest: Digest | undefined
  size: number
}

/** Passes bytes on and says what they were at the end. */
export async function* hashing(bytes: Bytes, seen: Seen, algorithm = 'sha256'): Bytes {
  const hash = createHash(algorithm)
  for await (const chunk of bytes) {
    hash.update(chunk)
    seen.size += chunk.length
    yield chunk
  }
  seen.digest = digestOfHash(hash, algorithm)
}

/** Passes bytes on and says how many they were: their digest is known. */
export async function* counting(bytes: Bytes, seen: Seen): Bytes {
  for await (const chunk of bytes) {
    seen.size += chunk.length
    yield chunk
  }
}

/** Passes bytes on; the end only comes when digest and size are the descriptor's. @throws ImageError DIGEST_MISMATCH */
export async function* verified(bytes: Bytes, blob: Descriptor): Bytes {
  const seen: Seen = { digest: undefined, size: 0 }
  yield* hashing(bytes, seen, digestAlgorithm(blob.digest))
  checkBlob(blob, seen.digest, seen.size)
}

/** @throws ImageError DIGEST_MISMATCH */
export function checkBlob(blob: Descriptor, digest: Digest | undefined, size: number): void {
  checkDigest(blob.digest, digest)
  if (blob.size >= 0 && size !== blob.size) {
    throw new ImageError('DIGEST_MISMATCH', `blob ${blob.digest} has ${size} bytes, not ${blob.size}`, {
      subject: blob.digest,
    })
  }
}

/** @throws ImageError DIGEST_MISMATCH */
export function checkDigest(wanted: Digest, found: Digest | undefined): void {
  if (found === wanted) return
  throw new ImageError('DIGEST_MISMATCH', `Digest did not match, expected ${wanted}, got ${found}`, { subject: wanted })
}

/** @throws ImageError DIGEST_MISMATCH */
export function checkManifest(bytes: Uint8Array, mediaType: string, wanted: Digest): void {
  const algorithm = digestAlgorithm(wanted)
  const found = algorithm === 'sha256' ? manifestDigest(bytes, mediaType) : digestOf(bytes, algorithm)
  if (found !== wanted) {
    throw new ImageError(
      'DIGEST_MISMATCH',
      `Manifest does not match provided manifest digest ${wanted}: it is ${found}`,
      {
        subject: wanted,
      },
    )
  }
}

/** Reads a blob that must fit in memory. */
export async function readVerified(bytes: Bytes, blob: Descriptor, limit: number): Promise<Uint8Array> {
  if (blob.size > limit) throw new ImageError('SIZE_EXCEEDED', `blob ${blob.digest} has more than ${limit} bytes`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of verified(bytes, blob)) {
    size += chunk.length
    if (size > limit) throw new ImageError('SIZE_EXCEEDED', `blob ${blob.digest} has more than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
