import { readFileSync } from 'node:fs'

/** A process that a reused pid cannot be mistaken for. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks between the boot and its start: field 22 of /proc/PID/stat (proc(5)). */
  readonly startTime: string
}

const fieldsAfterName = (pid: number): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** Who has this pid now; nobody when the process is gone or only waits to be reaped. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const fields = fieldsAfterName(pid)
  const startTime = fields?.[19]
  return startTime === undefined || fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : { pid, startTime }
}

export const isAlive = (process: ProcessIdentity): boolean =>
  identifyProcess(process.pid)?.startTime === process.startTime

/** Kills a process, first, and all that came from it. */
export function killTree(pid: number): void {
  const family = [pid, ...descendants(pid)]
  for (const member of family) kill(member)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}

function descendants(pid: number): number[] {
  return children(pid).flatMap(child => [child, ...descendants(child)])
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
