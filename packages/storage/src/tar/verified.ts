import { createHash, type Hash } from 'node:crypto'
import type { Digest } from '../digest.ts'
import { StorageError } from '../errors.ts'

const hashOf = (digest: Digest): Hash => createHash(digest.slice(0, digest.indexOf(':')))

/**
 * Passes a tar on, which only ends when it is what it must be. `blame` may throw what is known of why it is not.
 * @throws StorageError LAYER_DAMAGED
 */
export function* verified<Piece extends Uint8Array>(
  tar: Iterable<Piece>,
  digest: Digest,
  blame: () => void,
): Generator<Piece> {
  const hash = hashOf(digest)
  for (const piece of tar) {
    hash.update(piece)
    yield piece
  }
  const end = hash.digest('hex')
  if (digest.endsWith(`:${end}`)) return
  blame()
  throw changed(digest, end)
}

/** The same of one that comes in its own time. */
export async function* verifiedInTime(tar: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = hashOf(digest)
  for await (const piece of tar) {
    hash.update(piece)
    yield piece
  }
  const end = hash.digest('hex')
  if (!digest.endsWith(`:${end}`)) throw changed(digest, end)
}

const changed = (digest: Digest, found: string): StorageError =>
  new StorageError(
    'LAYER_DAMAGED',
    `the layer's files are not what they were: its tar has the digest ${found}, not ${digest}`,
    {
      subject: digest,
      hint: 'repairStore drops its files; pulling the image again then fetches only this layer',
    },
  )
