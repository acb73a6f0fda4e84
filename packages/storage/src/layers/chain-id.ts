import { createHash } from 'node:crypto'
import { type Digest, digestHex } from '../digest.ts'
import type { LayerId } from './layers.ts'

/**
 * The id under which every containers/storage program looks for a layer: the DiffID's hex for the first, then
 * SHA-256 of `parent+hex`. Not the ChainID of the OCI image-spec, which hashes other text.
 */
export function chainId(parent: LayerId | undefined, diffId: Digest): LayerId {
  if (parent === undefined) return digestHex(diffId)
  return createHash('sha256')
    .update(`${parent}+${digestHex(diffId)}`)
    .digest('hex')
}
