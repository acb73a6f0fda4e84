import { readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'

/**
 * Ends what a start that was cut off may have left at work: conmon and the runtime, told by their program and by the container's
 * id among their arguments, and its network's plugins.
 */
export function endStrays(
  rooms: Pick<Rooms, 'options' | 'config'>,
  { id, config }: Pick<ContainerRecord, 'id' | 'config'>,
): void {
  const programs = new Set([rooms.options.conmon, config.runtime])
  endAll(pid => {
    const [program = '', ...args] = wordsOf(pid, 'cmdline')
    return programs.has(program) && args.includes(id)
  })
  endStrayPlugins(rooms.config.network.cniPluginDirs, id)
}

/** Ends the plugins that are at work for a container by order of an engine that is no more; not the servers that they started. */
export function endStrayPlugins(directories: readonly string[], id: string): 'some' | 'none' {
  const places = new Set(directories.map(directory => resolve(directory)))
  return endAll(pid => {
    const [program = ''] = wordsOf(pid, 'cmdline')
    return places.has(dirname(program)) && wordsOf(pid, 'environ').includes(`CNI_CONTAINERID=${id}`)
  })
}

/** They may be forking meanwhile, so it looks until there is nobody any more. */
function endAll(isStray: (pid: string) => boolean): 'some' | 'none' {
  for (let looks = 0; looks < 100; looks++) {
    const strays = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isStray(name))
    if (strays.filter(pid => end(Number(pid))).length === 0) return looks === 0 ? 'none' : 'some'
  }
  return 'some'
}

/** Empty for one that is gone, only waits to be reaped, or is somebody else's. */
function wordsOf(pid: string, file: 'cmdline' | 'environ'): readonly string[] {
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
