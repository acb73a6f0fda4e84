/** Limits of the container's cgroup (runtime-spec config-linux.md, "Control groups"); runtimes translate them to cgroup v2. */
export interface LinuxResources {
  readonly devices?: readonly DeviceRule[]
  readonly memory?: LinuxMemory
  readonly cpu?: LinuxCpu
  readonly pids?: { readonly limit: number }
  readonly blockIO?: LinuxBlockIO
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  readonly network?: {
    readonly classID?: number
    readonly priorities?: readonly { readonly name: string; readonly priority: number }[]
  }
  readonly rdma?: Readonly<Record<string, { readonly hcaHandles?: number; readonly hcaObjects?: number }>>
  /** cgroup v2 files and their text. */
  readonly unified?: Readonly<Record<string, string>>
}

export interface DeviceRule {
  readonly allow: boolean
  readonly type?: 'a' | 'b' | 'c'
  readonly major?: number
  readonly minor?: number
  /** Subset of `rwm`. */
  readonly access?: string
}

/** Bytes; -1 is unlimited. */
export interface LinuxMemory {
  readonly limit?: number
  readonly reservation?: number
  readonly swap?: number
  readonly kernel?: number
  readonly kernelTCP?: number
  /** 0 to 100. */
  readonly swappiness?: number
  readonly disableOOMKiller?: boolean
  readonly useHierarchy?: boolean
  readonly checkBeforeUpdate?: boolean
}

/** Times in microseconds. */
export interface LinuxCpu {
  readonly shares?: number
  readonly quota?: number
  readonly burst?: number
  readonly period?: number
  readonly realtimeRuntime?: number
  readonly realtimePeriod?: number
  readonly cpus?: string
  readonly mems?: string
  readonly idle?: number
}

export interface LinuxBlockIO {
  readonly weight?: number
  readonly leafWeight?: number
  readonly weightDevice?: readonly {
    readonly major: number
    readonly minor: number
    readonly weight?: number
    readonly leafWeight?: number
  }[]
  readonly throttleReadBpsDevice?: readonly Throttle[]
  readonly throttleWriteBpsDevice?: readonly Throttle[]
  readonly throttleReadIOPSDevice?: readonly Throttle[]
  readonly throttleWriteIOPSDevice?: readonly Throttle[]
}

/** `rate` is bytes or operations a second. */
export interface Throttle {
  readonly major: number
  readonly minor: number
  readonly rate: number
}
