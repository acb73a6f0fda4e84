import { join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'
import { removeCgroupSoon } from '../host/cgroup-directory.ts'

/** Where a pod's control group lies: a slice with systemd, a directory otherwise; '' where a plain user can have none. */
export function podCgroup(
  { cgroupManager, rootless }: Pick<ResolvedOptions, 'cgroupManager' | 'rootless'>,
  parent: string | undefined,
  id: string,
): string {
  if (rootless === 'yes' && cgroupManager === 'cgroupfs' && !parent) return ''
  if (cgroupManager === 'cgroupfs') return join(parent || '/libpod_parent', id)
  const slice = (parent || 'machine.slice').replace(/\.slice$/, '')
  return `${slice}-libpod_pod_${id}.slice`
}

/** Removes the emptied directories of every hierarchy; systemd removes its slices itself. What is still in use stays. */
export async function removePodCgroup(
  { cgroupManager }: Pick<ResolvedOptions, 'cgroupManager'>,
  cgroup: string,
): Promise<void> {
  if (cgroupManager === 'cgroupfs') await removeCgroupSoon(cgroup)
}
