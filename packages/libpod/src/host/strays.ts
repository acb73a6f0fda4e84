import { readdirSync, readFileSync } from 'node:fs'

/** Ends every process that is one of those. They may be forking meanwhile, so it looks until there is nobody any more. */
export function endAll(isStray: (pid: string) => boolean): 'some' | 'none' {
  for (let looks = 0; looks < 100; looks++) {
    const strays = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isStray(name))
    if (strays.filter(pid => end(Number(pid))).length === 0) return looks === 0 ? 'none' : 'some'
  }
  return 'some'
}

/** Empty for one that is gone, only waits to be reaped, or is somebody else's. */
export function wordsOf(pid: string, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0')
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
