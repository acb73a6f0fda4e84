import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ResolvedOptions } from '../engine.ts'
import { hasCgroup, removeCgroup } from '../host/cgroup-directory.ts'

/** Where a pod's control group lies: a slice with systemd, a directory otherwise. */
export function podCgroup(
  { cgroupManager }: Pick<ResolvedOptions, 'cgroupManager'>,
  parent: string | undefined,
  id: string,
): string {
  if (cgroupManager === 'cgroupfs') return join(parent || '/libpod_parent', id)
  const slice = (parent || 'machine.slice').replace(/\.slice$/, '')
  return `${slice}-libpod_pod_${id}.slice`
}

/** A process that was killed may be in its group for some milliseconds more. */
const looks = 20
const pause = 10

/** Removes the emptied directories of every hierarchy; systemd removes its slices itself. What is still in use stays. */
export async function removePodCgroup(
  { cgroupManager }: Pick<ResolvedOptions, 'cgroupManager'>,
  cgroup: string,
): Promise<void> {
  if (cgroupManager !== 'cgroupfs') return
  for (let look = 0; look < looks && hasCgroup(cgroup); look++) {
    if (look > 0) await delay(pause)
    removeCgroup(cgroup)
  }
}
