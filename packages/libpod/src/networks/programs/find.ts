import { findExecutable } from '@libpod/syscall'
import { LibpodError } from '../../errors.ts'

/** Where such programs are, besides the configured directories. */
export const usualPlaces = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/bin', '/sbin']

/** @throws LibpodError NETWORK_FAILED */
export function findProgram(name: string, directories: readonly string[]): string {
  const found = findExecutable(name, [...directories, ...usualPlaces])
  if (found !== undefined) return found
  throw new LibpodError(
    'NETWORK_FAILED',
    `could not find ${name}, the network namespace can't be configured: exec: "${name}": executable file not found in $PATH`,
    { subject: name, hint: `install ${name === 'pasta' ? 'passt' : name}` },
  )
}
