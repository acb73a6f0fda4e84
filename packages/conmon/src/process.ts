import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

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

/** Milliseconds that the kernel may take to stop what is told to, and to end what was killed. */
const [longestStopping, longestDying] = [1000, 2000]

/**
 * Kills a process and all that came from it, and waits until nothing of them does anything any more. They are stopped before: who
 * is stopped makes no more of them, and only when all are is it known that none was overlooked while its parent ended. Then they may
 * be looked at once more.
 */
export async function killTree(pid: number, lastLook: (member: number) => void = () => {}): Promise<void> {
  const family = new Set([pid])
  signal(pid, 'SIGSTOP')
  for (let waited = 0; ; ) {
    const still = [...family].every(isStill) || waited >= longestStopping
    const found = [...family].flatMap(children).filter(child => !family.has(child))
    for (const member of found) {
      family.add(member)
      signal(member, 'SIGSTOP')
    }
    if (found.length > 0) continue
    if (still) break
    await delay(1)
    waited++
  }
  for (const member of family) lastLook(member)
  const members = [...family].flatMap(member => identifyProcess(member) ?? [])
  for (const { pid: member } of members) signal(member, 'SIGKILL')
  for (let waited = 0; members.some(isAlive) && waited < longestDying; waited++) await delay(1)
}

/** Kills a process that leads a group, and whoever is in it, at once. */
export const killGroup = (leader: number): void => signal(-leader, 'SIGKILL')

/** Whether no thread of a process does anything: all are stopped, or have ended. */
const isStill = (pid: number): boolean =>
  listed(`/proc/${pid}/task`).every(thread => /^[TtZX]?$/.test(stateOf(`/proc/${pid}/task/${thread}/stat`)))

function stateOf(path: string): string {
  try {
    const text = readFileSync(path, 'latin1')
    return text.charAt(text.lastIndexOf(')') + 2)
  } catch {
    return ''
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It was quicker.
  }
}

/** A process and all that came from it and still has its parent, parents first. */
export const withDescendants = (pid: number): readonly number[] => [pid, ...children(pid).flatMap(withDescendants)]

/** Those of all threads: a child is listed with the one that made it. */
function children(pid: number): readonly number[] {
  return listed(`/proc/${pid}/task`).flatMap(thread => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
      return text.trim().split(' ').filter(Boolean).map(Number)
    } catch {
      return []
    }
  })
}

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
