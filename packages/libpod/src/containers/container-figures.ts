import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { ContainerId } from './container-id.ts'
import type { ContainerState } from './container-life.ts'
import type { ContainerInspect } from './inspect-shape.ts'

export interface ContainerFigures {
  list(options?: ListOptions & Call): Promise<readonly ContainerSummary[]>
  inspect(name: string, options?: { readonly size?: 'yes' | 'no' } & Call): Promise<ContainerInspect>
  /** Rows of `ps`-like descriptors, the header first; from /proc, nothing of the container is executed. */
  top(name: string, descriptors: readonly string[], call?: Call): Promise<readonly (readonly string[])[]>
  stats(names: readonly string[], call?: Call): Promise<readonly ContainerStats[]>
  ports(name: string, call?: Call): Promise<readonly PortMapping[]>
  /** What a container is made of by now, updates included, for another one like it: without its name and the files that are its own. */
  spec(name: string, call?: Call): Promise<ContainerSpec>
  /**
   * The JSON with which Podman's API makes a container like this one (podman-generate-spec(1)), under its own name or one that is
   * free. @throws LibpodError CONTAINER_UNKNOWN
   */
  generateSpec(
    name: string,
    options?: { readonly name?: 'own' | 'free' } & Call,
  ): Promise<Readonly<Record<string, unknown>>>
  runHealthCheck(name: string, call?: Call): Promise<'healthy' | 'unhealthy' | 'starting' | 'stopped'>
}

/** Podman's filter syntax: `{ status: ['running'], label: ['a=b'] }`; keys and values as on the command line. */
export type Filters = Readonly<Record<string, readonly string[]>>

export interface ListOptions {
  readonly filters?: Filters
  /** `all`: also those not running, which the paused are not (`-a`). */
  readonly which?: 'running' | 'all'
  readonly size?: 'yes' | 'no'
  /** Which namespaces its process is in (`--ns`). */
  readonly namespaces?: 'yes' | 'no'
  /** Containers of the store that other tools made (`--external`). */
  readonly external?: 'yes' | 'no'
  /** Most recently created first, this many (`--last`). */
  readonly last?: number
}

export interface ContainerSummary {
  readonly id: ContainerId
  readonly names: readonly string[]
  readonly image: string
  readonly imageId: string
  readonly command: readonly string[]
  readonly created: number
  readonly startedAt?: number
  readonly exitedAt?: number
  readonly exitCode?: number
  readonly state: ContainerState
  readonly health?: 'starting' | 'healthy' | 'unhealthy'
  readonly pid?: number
  readonly pod?: { readonly id: string; readonly name: string }
  readonly infra: 'yes' | 'no'
  readonly labels: Readonly<Record<string, string>>
  readonly mounts: readonly string[]
  readonly networks: readonly NetworkAttachment['name'][]
  readonly ports: readonly PortMapping[]
  readonly exposedPorts: readonly string[]
  readonly size?: { readonly rw: number; readonly rootFs: number }
  readonly restarts: number
  readonly autoRemove: 'yes' | 'no'
  /** Where its id was written. */
  readonly cidFile?: string
  readonly namespaces: Readonly<Record<'cgroup' | 'ipc' | 'mnt' | 'net' | 'pidns' | 'user' | 'uts', string>>
  readonly external: 'yes' | 'no'
}

/** What went over an interface since it was made, seen from inside: `rx` to the container. */
export interface InterfaceTraffic {
  readonly rxBytes: number
  readonly rxPackets: number
  readonly rxErrors: number
  readonly rxDropped: number
  readonly txBytes: number
  readonly txPackets: number
  readonly txErrors: number
  readonly txDropped: number
}

export interface ContainerStats {
  readonly id: ContainerId
  readonly name: string
  /** Nanoseconds of processor time. */
  readonly cpuNano: number
  readonly systemNano: number
  /** Percent of one processor since the container started, or since the last sample. */
  readonly cpuPercent: number
  readonly memoryUsage: number
  readonly memoryLimit: number
  readonly pids: number
  readonly networks: Readonly<Record<string, InterfaceTraffic>>
  readonly blockInput: number
  readonly blockOutput: number
  readonly upTimeNano: number
}
