import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { signalProcess } from '@libpod/syscall'
import type { ProcessIdentity } from '../state/container.ts'

/** Who this pid is, so that another process of the same number is never taken for it; undefined when there is none. */
export function identify(pid: number, bootId: string): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid)
  return startTime === undefined ? undefined : { pid, startTime, bootId }
}

/** Whether it still runs. A zombie has ended: only its parent has not looked. */
export function isAlive(process: ProcessIdentity | undefined, bootId: string): process is ProcessIdentity {
  return process !== undefined && process.bootId === bootId && startTimeOf(process.pid) === process.startTime
}

/** SIGKILL for the very process, and no other that has its pid now; whether it was there. @throws SyscallError EPERM; ENOSYS before Linux 5.3 */
export const killProcess = (process: ProcessIdentity | undefined, bootId: string): boolean =>
  process !== undefined && signalProcess(process.pid, constants.signals.SIGKILL, () => isAlive(process, bootId))

function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
