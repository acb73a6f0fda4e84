import { readdirSync } from 'node:fs'
import { release } from 'node:os'
import { delimiter } from 'node:path'
import { findExecutable } from '@libpod/syscall'
import type { Environment } from './load.ts'
import type { DriverName } from './options.ts'

const drivers = ['overlay', 'vfs'] as const

/** The driver of a plain user who chose none: the one that the store was begun with, else overlay where it can be had. */
export function rootlessDriver(graphRoot: string, env: Environment): DriverName {
  const begun = listed(graphRoot)
  const prior = drivers.find(name => begun.includes(`${name}-images`))
  if (prior !== undefined) return prior
  return hasUserOverlay() || fuseOverlay(env) !== undefined ? 'overlay' : 'vfs'
}

/** Since 5.13 the kernel's overlayfs does in a user namespace all that is needed (with `userxattr`). */
export function hasUserOverlay(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(part => Number.parseInt(part, 10))
  return major > 5 || (major === 5 && minor >= 13)
}

/** The path of fuse-overlayfs(1), where it is installed. */
export const fuseOverlay = ({ PATH = '' }: Environment): string | undefined =>
  findExecutable('fuse-overlayfs', PATH.split(delimiter))

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
