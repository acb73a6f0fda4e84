/** Limits of the container's cgroup, and the cgroup's place. Sizes in bytes, times in microseconds unless said otherwise. */
export interface ResourceSpec {
  readonly memory?: {
    readonly limit?: number
    readonly reservation?: number
    readonly swap?: number
    readonly swappiness?: number
    readonly kernel?: number
    readonly oomKill?: 'on' | 'off'
  }
  readonly cpu?: {
    readonly shares?: number
    readonly quota?: number
    readonly period?: number
    readonly realtimeRuntime?: number
    readonly realtimePeriod?: number
    readonly cpus?: string
    readonly mems?: string
  }
  readonly pids?: { readonly limit: number }
  readonly blockIo?: {
    readonly weight?: number
    readonly weightDevices?: readonly { readonly path: string; readonly weight: number }[]
    readonly readBps?: readonly DeviceRate[]
    readonly writeBps?: readonly DeviceRate[]
    readonly readIops?: readonly DeviceRate[]
    readonly writeIops?: readonly DeviceRate[]
  }
  readonly hugepages?: readonly { readonly pageSize: string; readonly limit: number }[]
  /** cgroup v2 files and their text (`--cgroup-conf`). */
  readonly unified?: Readonly<Record<string, string>>
  readonly cgroups?: 'enabled' | 'disabled' | 'no-conmon' | 'split'
  readonly cgroupParent?: string
  readonly intelRdtClosId?: string
}

export interface DeviceRate {
  readonly path: string
  readonly rate: number
}
