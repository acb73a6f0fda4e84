import { matchGlob } from './glob.ts'
import type { PathsPlan } from './plan.ts'

/** Hidden from a container that is not privileged: they show or change the host (Podman's list). */
export const defaultMaskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
]

/** Not writable in a container that is not privileged. */
export const defaultReadonlyPaths: readonly string[] = [
  '/proc/asound',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

export interface GuardedPaths {
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
}

/** The default paths minus `unmask`, and `mask` on top. */
export function guardPaths(paths: PathsPlan, more: readonly string[] = []): GuardedPaths {
  const unmasked = (paths.unmask ?? []).flatMap(entry => entry.split(':')).filter(entry => entry !== '')
  const all = unmasked.some(entry => entry.toLowerCase() === 'all')
  const kept = (path: string) => !all && !unmasked.some(glob => matchGlob(glob, path))
  return {
    maskedPaths: [...new Set([...[...defaultMaskedPaths, ...more].filter(kept), ...askedPaths(paths.mask)])],
    readonlyPaths: defaultReadonlyPaths.filter(kept),
  }
}

/** The absolute paths in `mask` lists separated by `:`. */
export function askedPaths(mask: readonly string[] = []): readonly string[] {
  return mask.flatMap(entry => entry.split(':')).filter(entry => entry.startsWith('/'))
}
