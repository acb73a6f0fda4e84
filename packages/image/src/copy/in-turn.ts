import { ImageError, isImageError } from '../errors.ts'
import type { CopyResult } from './options.ts'

/**
 * Writes a manifest in the first type that the destination takes and that can say the image. Which types a registry takes
 * only shows when it is given one.
 * @throws ImageError of the only type, or one that tells what was wrong with each
 */
export async function putInTurn(
  types: readonly [string, ...string[]],
  put: (type: string) => Promise<CopyResult>,
): Promise<CopyResult> {
  const failures: string[] = []
  let first: ImageError | undefined
  for (const type of types) {
    try {
      return await put(type)
    } catch (error) {
      if (types.length === 1 || !isImageError(error, 'MANIFEST_REFUSED', 'COPY_UNSUPPORTED')) throw error
      first ??= error
      failures.push(`${type}(${error.message})`)
    }
  }
  const message = `Uploading manifest failed, attempted the following formats: ${failures.join(', ')}`
  throw new ImageError(first?.code ?? 'MANIFEST_REFUSED', message, { cause: first })
}
