import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { LibpodError } from '../../errors.ts'

const usual = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/bin', '/sbin']

/** @throws LibpodError NETWORK_FAILED */
export function findProgram(name: string, directories: readonly string[]): string {
  const found = [...directories, ...usual].map(directory => join(directory, name)).find(isExecutable)
  if (found !== undefined) return found
  throw new LibpodError(
    'NETWORK_FAILED',
    `could not find ${name}, the network namespace can't be configured: exec: "${name}": executable file not found in $PATH`,
    { subject: name, hint: `install ${name === 'pasta' ? 'passt' : name}` },
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
