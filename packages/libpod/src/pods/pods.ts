import type { ContainerStats, LogOptions, LogRecord } from '../containers/containers.ts'
import type { Call } from '../spec/call.ts'
import type { PodSpec } from '../spec/pod.ts'

/** Pods: containers that share namespaces and a cgroup. */
export interface Pods {
  create(spec: PodSpec, call?: Call): Promise<{ readonly id: string; readonly warnings: readonly string[] }>
  /** A pod like one that exists, but for what `change` says, with a container like each of that one's; nothing is started. */
  clone(
    name: string,
    change?: PodSpec,
    call?: Call,
  ): Promise<{ readonly id: string; readonly warnings: readonly string[] }>
  start(name: string, call?: Call): Promise<void>
  stop(name: string, options?: { readonly timeout?: number } & Call): Promise<void>
  kill(name: string, signal: string, call?: Call): Promise<void>
  restart(name: string, options?: { readonly timeout?: number } & Call): Promise<void>
  pause(name: string, call?: Call): Promise<void>
  unpause(name: string, call?: Call): Promise<void>
  /** Processes of all its running containers, the header first. */
  top(name: string, descriptors: readonly string[], call?: Call): Promise<readonly (readonly string[])[]>
  /** The logs of its containers, in the order in which they were made; of one that is not `container` nothing is read. */
  logs(name: string, options?: PodLogOptions & Call): Promise<readonly ContainerLog[]>
  /** What the running containers of pods use at this moment; of all pods when none is named. */
  stats(names?: readonly string[], call?: Call): Promise<readonly PodContainerStats[]>
  remove(
    name: string,
    options?: { readonly running?: 'refuse' | 'kill'; readonly timeout?: number } & Call,
  ): Promise<readonly string[]>
  /** Removes every pod of which nothing runs. */
  prune(call?: Call): Promise<readonly { readonly id: string; readonly error?: Error }[]>
  list(filters?: Readonly<Record<string, readonly string[]>>, call?: Call): Promise<readonly PodSummary[]>
  inspect(name: string, call?: Call): Promise<Readonly<Record<string, unknown>>>
  /**
   * The JSON with which Podman's API makes a pod like this one, without its containers (podman-generate-spec(1)), under its own name
   * or one that is free. @throws LibpodError POD_UNKNOWN
   */
  generateSpec(
    name: string,
    options?: { readonly name?: 'own' | 'free' } & Call,
  ): Promise<Readonly<Record<string, unknown>>>
  /** The full id behind a name, id or unique prefix. */
  resolve(name: string, call?: Call): Promise<string>
  exists(name: string, call?: Call): Promise<boolean>
}

export interface PodLogOptions extends LogOptions {
  /** Name or full id of the one container that is asked about. */
  readonly container?: string
}

/** What one container has put out; read it to its end, or not at all. */
export interface ContainerLog {
  readonly id: string
  readonly name: string
  readonly records: AsyncIterable<LogRecord>
}

export interface PodContainerStats extends ContainerStats {
  /** The id of its pod. */
  readonly pod: string
}

export interface PodSummary {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly created: number
  readonly infraId: string
  /** The control group that its own lies below, or the slice. */
  readonly cgroupParent: string
  readonly networks: readonly string[]
  readonly restartPolicy: string
  readonly labels: Readonly<Record<string, string>>
  readonly containers: readonly {
    readonly id: string
    readonly name: string
    readonly status: string
    readonly restarts: number
  }[]
}
