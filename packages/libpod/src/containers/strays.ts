import { readdirSync, readFileSync } from 'node:fs'
import type { ContainerRecord } from '../state/container.ts'

/**
 * Ends what a start that was cut off may have left at work: conmon and the runtime, told by their program and by the container's
 * id among their arguments. conmon may be forking meanwhile, so it looks until there is nobody any more.
 */
export function endStrays({ id, config }: Pick<ContainerRecord, 'id' | 'config'>, conmon: string): void {
  const programs = new Set([conmon, config.runtime])
  for (let looks = 0, found = 1; found > 0 && looks < 100; looks++) {
    const strays = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isStray(name))
    found = strays.filter(pid => end(Number(pid))).length
  }

  function isStray(pid: string): boolean {
    const [program = '', ...args] = commandLine(pid)
    return programs.has(program) && args.includes(id)
  }
}

/** Empty for one that is gone or only waits to be reaped. */
function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false // It was quicker.
  }
}
