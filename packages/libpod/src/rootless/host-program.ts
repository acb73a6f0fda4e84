import { delimiter } from 'node:path'
import { findExecutable } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'

const usual = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin']

/** A program that a plain user's way into a user namespace leads through. @throws LibpodError ROOTLESS_UNAVAILABLE */
export function hostProgram(name: string): string {
  const found = findExecutable(name, [...usual, ...(process.env.PATH ?? '').split(delimiter)])
  if (found !== undefined) return found
  throw new LibpodError(
    'ROOTLESS_UNAVAILABLE',
    `command required for rootless mode: exec: "${name}": executable file not found in $PATH`,
    {
      subject: name,
      hint: `install ${name.startsWith('new') ? 'uidmap' : 'util-linux'}`,
    },
  )
}
