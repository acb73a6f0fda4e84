import { readFile } from 'node:fs/promises'
import { ImageError } from '../errors.ts'
import { fileProblem } from '../files/problem.ts'
import type { Material } from './policy.ts'

/** Key material's bytes. @throws ImageError POLICY_INVALID: unreadable material accepts nothing */
export async function readMaterial(material: Material): Promise<Uint8Array> {
  if ('data' in material) return material.data
  return readFile(material.path).catch((cause: Error) => {
    throw new ImageError('POLICY_INVALID', `reading key ${material.path}: ${fileProblem(cause)}`, { cause })
  })
}
