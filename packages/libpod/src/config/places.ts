import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'
import { LibpodError } from '../errors.ts'

/** Of statfs(2): the kernel's file systems that answer to mkdir(2) as if the directory above were missing. */
const procMagic = 0x9fa0

/**
 * Refuses directories in /proc: nothing can be made there, and Node's recursive mkdir would try for ever, since it is told that
 * the parent is missing. @throws LibpodError CONFIG_INVALID
 */
export function refuseImpossible({
  root,
  runRoot,
  tmpDir,
}: Pick<ResolvedOptions, 'root' | 'runRoot' | 'tmpDir'>): void {
  for (const place of [root, runRoot, tmpDir]) {
    const missing = firstMissing(resolve(place))
    if (missing === undefined || statfsSync(dirname(missing)).type !== procMagic) continue
    throw new LibpodError('CONFIG_INVALID', `mkdir ${missing}: no such file or directory`, { subject: place })
  }
}

function firstMissing(path: string): string | undefined {
  if (existsSync(path)) return undefined
  return existsSync(dirname(path)) ? path : firstMissing(dirname(path))
}
