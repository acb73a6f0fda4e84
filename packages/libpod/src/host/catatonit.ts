import { delimiter } from 'node:path'
import { findExecutable } from '@libpod/syscall'

/** The small init that containers get with `--init` and that holds pods: in the helper directories or on the path. */
export const findCatatonit = (helperDirectories: readonly string[]): string | undefined =>
  findExecutable('catatonit', [...helperDirectories, ...(process.env.PATH ?? '/usr/bin:/bin').split(delimiter)])
