import { join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'
import { removeCgroupSoon } from '../host/cgroup-directory.ts'

type Managed = Pick<ResolvedOptions, 'cgroupManager' | 'rootless'>

/** What a pod's control group lies below: a directory, or with systemd a slice; '' where a plain user can have none. */
export function cgroupParent({ cgroupManager, rootless }: Managed, asked: string | undefined): string {
  if (asked) return asked
  if (cgroupManager === 'systemd') return rootless === 'yes' ? 'user.slice' : 'machine.slice'
  return rootless === 'yes' ? '' : '/libpod_parent'
}

/** Where a pod's control group lies: a slice with systemd, a directory otherwise; '' where a plain user can have none. */
export function podCgroup(options: Managed, asked: string | undefined, id: string): string {
  const parent = cgroupParent(options, asked)
  if (options.cgroupManager === 'cgroupfs') return parent && join(parent, id)
  return `${parent.replace(/\.slice$/, '')}-libpod_pod_${id}.slice`
}

/** Removes the emptied directories of every hierarchy; systemd removes its slices itself. What is still in use stays. */
export async function removePodCgroup(
  { cgroupManager }: Pick<ResolvedOptions, 'cgroupManager'>,
  cgroup: string,
): Promise<void> {
  if (cgroupManager === 'cgroupfs') await removeCgroupSoon(cgroup)
}
