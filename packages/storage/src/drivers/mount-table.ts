import { readFileSync, realpathSync } from 'node:fs'

/** The mount points this process sees (proc_pid_mountinfo(5), field 5). */
export function mountPoints(): ReadonlySet<string> {
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n')
  return new Set(lines.map(line => unescaped(line.split(' ', 5)[4] ?? '')))
}

const unescaped = (field: string): string =>
  field.includes('\\')
    ? Buffer.from(
        field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
        'latin1',
      ).toString()
    : Buffer.from(field, 'latin1').toString()

/** Whether something is mounted exactly at `path`; links in it are resolved. */
export function isMountPoint(path: string): boolean {
  try {
    return mountPoints().has(realpathSync(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
