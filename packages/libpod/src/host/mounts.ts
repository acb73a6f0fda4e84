import { readFileSync } from 'node:fs'
import { MNT_DETACH, SyscallError, umount } from '@libpod/syscall'

/** Mount points at or below a directory, deepest first (proc_pid_mountinfo(5)). */
export function mountsBelow(
  directory: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): readonly string[] {
  const points = mountinfo.split('\n').flatMap(line => {
    const point = line.split(' ')[4]
    return point === undefined
      ? []
      : [point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))]
  })
  return points.filter(point => point === directory || point.startsWith(`${directory}/`)).reverse()
}

/**
 * Unmounts everything at and below a directory: before its files are removed, so that nobody else's files are.
 * @throws SyscallError when something cannot be unmounted
 */
export function unmountBelow(directory: string): void {
  for (const point of mountsBelow(directory)) {
    try {
      umount(point)
    } catch (error) {
      if (!(error instanceof SyscallError) || error.code !== 'EBUSY') throw error
      umount(point, MNT_DETACH)
    }
  }
}
