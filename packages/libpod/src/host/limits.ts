import { existsSync } from 'node:fs'
import type { ResourceSpec } from '../spec/resources.ts'
import type { HostFacts } from './facts.ts'

/** The limits that this host's control groups know, and what is said of the others, which would fail the runtime. */
export function fitLimits(
  resources: ResourceSpec,
  { cgroups }: Pick<HostFacts, 'cgroups'>,
): { readonly resources: ResourceSpec; readonly warnings: readonly string[] } {
  const { blockIo } = resources
  if (!blockIo || (blockIo.weight === undefined && !blockIo.weightDevices?.length)) return { resources, warnings: [] }
  const files = ['/sys/fs/cgroup/blkio/blkio.weight', '/sys/fs/cgroup/blkio/blkio.bfq.weight']
  if (cgroups === 'v2' || files.some(file => existsSync(file))) return { resources, warnings: [] }
  const { weight: _, weightDevices: __, ...rest } = blockIo
  return {
    resources: { ...resources, blockIo: rest },
    warnings: ['Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.'],
  }
}
