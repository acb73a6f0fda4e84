import { dirname, resolve } from 'node:path'
import { endAll, wordsOf } from '../host/strays.ts'
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
    // One that is on its way into a namespace is not its first word yet.
    const isPlugin = wordsOf(pid, 'cmdline').some(word => places.has(dirname(word)))
    return isPlugin && wordsOf(pid, 'environ').includes(`CNI_CONTAINERID=${id}`)
  })
}
