import { closeSync, constants, openSync } from 'node:fs'
import { bind, checked } from './libc.ts'

const callSyncfs = bind('syncfs', 'int32', ['int32'])

/**
 * Writes everything of the file system that holds a path or an open file to its device (syncfs(2)). Blocks. An open file
 * also hears of what could not be written since it was opened, whoever else was told; a path only of what nobody heard yet.
 * @throws SyscallError EIO, ENOSPC
 */
export function syncfs(at: string | Buffer | number): void {
  if (typeof at === 'number') {
    checked(callSyncfs(at), 'syncfs')
    return
  }
  const fd = openSync(at, constants.O_RDONLY)
  try {
    checked(callSyncfs(fd), 'syncfs', at)
  } finally {
    closeSync(fd)
  }
}
