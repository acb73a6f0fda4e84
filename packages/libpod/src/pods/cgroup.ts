import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedOptions } from '../engine.ts'

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

/** Removes the emptied directories of every hierarchy; systemd removes its slices itself. What is still in use stays. */
export function removePodCgroup({ cgroupManager }: Pick<ResolvedOptions, 'cgroupManager'>, cgroup: string): void {
  if (cgroupManager !== 'cgroupfs') return
  const root = '/sys/fs/cgroup'
  for (const hierarchy of ['', ...list(root)]) prune(join(root, hierarchy, cgroup))
}

function prune(directory: string): void {
  for (const name of list(directory)) prune(join(directory, name))
  try {
    rmdirSync(directory)
  } catch {
    // Not there, or still with processes: either way nothing to do.
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}
