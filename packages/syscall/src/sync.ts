import { closeSync, constants, openSync } from 'node:fs'
import { bind, checked } from './libc.ts'

const callSyncfs = bind('syncfs', 'int32', ['int32'])

/** Writes everything of the file system that holds `path` to its device (syncfs(2)). Blocks. @throws SyscallError EIO, ENOSPC */
export function syncfs(path: string | Buffer): void {
  const fd = openSync(path, constants.O_RDONLY)
  try {
    checked(callSyncfs(fd), 'syncfs', path)
  } finally {
    closeSync(fd)
  }
}
