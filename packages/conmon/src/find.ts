import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isExecutable } from '@libpod/syscall'
import { ConmonError } from './errors.ts'

/** Where distributions put conmon; containers.conf(5) `conmon_path` comes before these. */
export const conmonPaths: readonly string[] = [
  '/usr/libexec/podman/conmon',
  '/usr/local/libexec/podman/conmon',
  '/usr/local/lib/podman/conmon',
  '/usr/bin/conmon',
  '/usr/sbin/conmon',
  '/usr/local/bin/conmon',
  '/usr/local/sbin/conmon',
  '/run/current-system/sw/bin/conmon',
]

/** The first of these files that may be executed. @throws ConmonError MONITOR_NOT_FOUND */
export function findConmon(paths: readonly string[] = conmonPaths): string {
  const found = paths.find(isExecutable)
  if (found !== undefined) return found
  throw new ConmonError(
    'MONITOR_NOT_FOUND',
    `no conmon at ${paths.join(', ')}: install the package conmon, or set conmon_path in containers.conf`,
  )
}

/** The version that a conmon tells of itself, like `2.1.6`. @throws ConmonError MONITOR_NOT_FOUND */
export async function conmonVersion(conmon: string): Promise<string> {
  const failed = (cause?: unknown) =>
    new ConmonError('MONITOR_NOT_FOUND', `${conmon} does not tell its version as conmon does`, {
      subject: conmon,
      cause,
    })
  const { stdout } = await promisify(execFile)(conmon, ['--version'], { timeout: 10_000 }).catch(cause =>
    Promise.reject(failed(cause)),
  )
  const version = /^conmon version (\S+)/.exec(stdout)?.[1]
  if (version === undefined) throw failed()
  return version
}
