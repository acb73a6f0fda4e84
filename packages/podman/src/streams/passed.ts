import { readdirSync, readlinkSync } from 'node:fs'
import { UsageError } from '../cli/usage-error.ts'

/**
 * Refuses descriptors that whoever started us did not pass: their numbers may be taken all the same, by what the interpreter opened
 * for itself, and that must not get into a container. The interpreter's are without a file, or pipes with both ends in here.
 * @throws UsageError
 */
export function checkPassed(descriptors: readonly number[], option: 'preserve-fd' | 'preserve-fds'): void {
  if (descriptors.length === 0) return
  const open = openFiles()
  const files = [...open.values()]
  for (const descriptor of descriptors) {
    const file = open.get(descriptor)
    const own = file?.startsWith('anon_inode:[event') || file === 'anon_inode:[io_uring]'
    const looped = file?.startsWith('pipe:') && files.filter(other => other === file).length > 1
    if (file === undefined || own || looped)
      throw new UsageError(
        `file descriptor ${descriptor} is not available - the ${option} option requires that file descriptors must be passed`,
      )
  }
}

/** What each descriptor of this process refers to. */
function openFiles(): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      found.set(Number(name), readlinkSync(`/proc/self/fd/${name}`))
    } catch {
      // The one that read the directory is closed again.
    }
  }
  return found
}
