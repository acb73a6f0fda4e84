import { existsSync, mkdirSync, readFileSync, writeFile } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isAlive } from '../host/process.ts'
import type { ContainerRecord } from '../state/container.ts'

/**
 * Puts conmon into a cgroup beside its container's, so that it is neither counted nor killed with whoever started it. Where the
 * caller is in the root of a hierarchy there is nobody to be counted with. Moving takes the kernel 10 ms for each hierarchy, so
 * it is done while the container already runs.
 */
export async function joinMonitorCgroup(
  { config, status }: Pick<ContainerRecord, 'config' | 'status'>,
  bootId: string,
): Promise<void> {
  const { cgroups, cgroupParent = '/libpod_parent' } = config.spec.resources ?? {}
  const stays = cgroups !== undefined && cgroups !== 'enabled'
  if (config.cgroupManager !== 'cgroupfs' || config.ownCgroup === 'no' || stays || !isAlive(status.monitor, bootId))
    return
  for (const hierarchy of hierarchiesOf(readFileSync('/proc/self/cgroup', 'latin1'))) {
    if (!existsSync(join(hierarchy, 'cgroup.procs'))) continue // it is mounted elsewhere, or nowhere
    const directory = join(hierarchy, cgroupParent, 'conmon')
    try {
      mkdirSync(directory, { recursive: true })
      await promisify(writeFile)(join(directory, 'cgroup.procs'), String(status.monitor.pid))
    } catch {
      // It has ended, or a controller refuses (cpuset without cpus, a read-only mount) and leaves conmon where it is.
    }
  }
}

/** The hierarchies in which a process is below the root, by its /proc/PID/cgroup (cgroups(7)). */
export function hierarchiesOf(text: string): readonly string[] {
  const lines = text.trim().split('\n')
  return lines.flatMap(line => {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined || path === '/' || controllers === 'cpuset') return []
    if (controllers === '') return lines.length === 1 ? ['/sys/fs/cgroup'] : []
    return [join('/sys/fs/cgroup', controllers.replace(/^name=/, ''))]
  })
}
