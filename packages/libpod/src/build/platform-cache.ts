import { readFile } from 'node:fs/promises'
import { versionOf } from './program.ts'
import type { BuildSpec } from './spec.ts'

/**
 * Whether steps that were kept may not be used again. Before 1.41 Buildah takes a step from scratch that it kept for one platform
 * for that of another, so that an image for arm64 says amd64; steps from images differ by their images.
 */
export async function mayMixPlatforms(program: string, spec: BuildSpec, files: readonly string[]): Promise<boolean> {
  const { platforms = [], allPlatforms, os, architecture, variant } = spec
  if (platforms.length === 0 && allPlatforms !== 'yes' && !os && !architecture && !variant) return false
  if (!(await Promise.all(files.map(fromScratch))).includes(true) && files.length > 0) return false
  const [major = 0, minor = 0] = (await versionOf(program)).split('.').map(Number)
  return major < 1 || (major === 1 && minor < 41)
}

/** What cannot be read here may well be. */
const fromScratch = async (file: string): Promise<boolean> => {
  const text = await readFile(file, 'utf8').catch(() => 'FROM scratch')
  return /^\s*FROM\s+(?:--\S+\s+)*scratch\b/im.test(text)
}
