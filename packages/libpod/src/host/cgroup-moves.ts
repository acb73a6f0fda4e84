import { closeSync, openSync, readFileSync, write } from 'node:fs'
import { hierarchyMount } from './cgroup.ts'

/**
 * Says that a process is going to be moved into another cgroup, as a runtime does. The first to move one waits until the kernel
 * has seen every CPU pass its scheduler, 10 ms and more; who comes within as long again does not. A move to where this process is
 * already, in a thread, takes that wait upon itself while the runtime is still being started. Where it may not, nothing is lost.
 */
export function expectMoves(): void {
  try {
    const list = openSync(ownProcesses(readFileSync('/proc/self/cgroup', 'latin1')), 'w')
    write(list, '0', () => closeSync(list))
  } catch {
    // A hierarchy that is not mounted, or not ours.
  }
}

/** The list of the processes in our cgroup, in the hierarchy that is told last: v2's where there is one (cgroups(7)). */
export function ownProcesses(text: string): string {
  const lines = text.trim().split('\n')
  const [, controllers = '', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(lines.at(-1) ?? '') ?? []
  return `${hierarchyMount(controllers, lines.length === 1)}${path === '/' ? '' : path}/cgroup.procs`
}
