import { createHash } from 'node:crypto'
import { type Digest, digestHex } from '../../digest.ts'

/** The ids a store gives to the layers of an image, from the base up. */
export function layerIds(diffIds: readonly Digest[]): readonly string[] {
  let parent = ''
  return diffIds.map(diffId => {
    const hex = digestHex(diffId)
    parent = parent === '' ? hex : createHash('sha256').update(`${parent}+${hex}`).digest('hex')
    return parent
  })
}
