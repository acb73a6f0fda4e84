import type { IdMapping } from './mount.ts'
import type { LinuxResources } from './resources.ts'
import type { Seccomp } from './seccomp.ts'

/** The Linux half of a spec (runtime-spec config-linux.md). */
export interface Linux {
  readonly uidMappings?: readonly IdMapping[]
  readonly gidMappings?: readonly IdMapping[]
  readonly timeOffsets?: Readonly<Record<string, { readonly secs: number; readonly nanosecs?: number }>>
  readonly sysctl?: Readonly<Record<string, string>>
  readonly resources?: LinuxResources
  readonly cgroupsPath?: string
  readonly namespaces?: readonly Namespace[]
  readonly devices?: readonly Device[]
  readonly seccomp?: Seccomp
  readonly rootfsPropagation?: string
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly mountLabel?: string
  readonly intelRdt?: IntelRdt
  readonly personality?: { readonly domain: string; readonly flags?: readonly string[] }
}

export const namespaceTypes = ['pid', 'network', 'ipc', 'uts', 'mount', 'user', 'cgroup', 'time'] as const
export type NamespaceType = (typeof namespaceTypes)[number]

/** A namespace to make, or to join when it has a path. A type that is not listed stays the caller's. */
export interface Namespace {
  readonly type: NamespaceType
  readonly path?: string
}

export interface Device {
  readonly path: string
  readonly type: 'b' | 'c' | 'u' | 'p'
  readonly major?: number
  readonly minor?: number
  /** Permission bits, such as 0o666. */
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
}

export interface IntelRdt {
  readonly closID?: string
  readonly l3CacheSchema?: string
  readonly memBwSchema?: string
  readonly enableCMT?: boolean
  readonly enableMBM?: boolean
}
