import { isImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import type { ImageSource } from '../transports/transport.ts'

const maximumTries = 3

/**
 * Does something with a blob, and does it again when the bytes turned out to be wrong and may only have been put
 * together wrongly: an old piece on disk, a server that answers a range with another one.
 */
export async function withRightBytes<T>(source: ImageSource, blob: Descriptor, use: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await use()
    } catch (error) {
      if (!isImageError(error, 'DIGEST_MISMATCH', 'SIZE_EXCEEDED')) throw error
      const next = await source.forgetBlob?.(blob)
      if (next !== 'other' || tries >= maximumTries) throw error
    }
  }
}
