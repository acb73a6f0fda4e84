import type { PullEvent } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec, RestartPolicy } from '../spec/container.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { Rlimit } from '../spec/process.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { Filters } from './container-figures.ts'
import type { ContainerId } from './container-id.ts'

export interface ContainerLife {
  /** Resolves the image (pulling by `spec.pullPolicy`), reserves the name, writes layer and record. Nothing is left on failure. */
  create(
    spec: ContainerSpec,
    call?: Call<PullEvent>,
  ): Promise<{ readonly id: ContainerId; readonly warnings: readonly string[] }>
  /** Mounts, networks, and runs the OCI runtime's `create`, without starting the process. */
  init(name: string, call?: Call): Promise<void>
  /** Starts (initialising first); a running container is left as it is. */
  start(name: string, call?: StartOptions & Call): Promise<void>
  /**
   * Signal, then SIGKILL after the timeout. Resolves when it is stopped and cleaned; `already-stopped` when nothing was running.
   * @throws LibpodError CONTAINER_STATE when it is paused
   */
  stop(name: string, options?: StopOptions & Call): Promise<'stopped' | 'already-stopped'>
  /** Whatever the signal, no restart policy applies after it. Resolves after SIGKILL when the process has ended. */
  kill(name: string, signal: string, call?: Call): Promise<void>
  restart(name: string, options?: StopOptions & Call): Promise<void>
  pause(name: string, call?: Call): Promise<void>
  unpause(name: string, call?: Call): Promise<void>
  /** Until the first of the conditions holds (default `stopped`/`exited`); also answers for containers removed a moment ago. */
  wait(
    name: string,
    conditions?: readonly WaitCondition[],
    options?: { readonly intervalMs?: number } & Call,
  ): Promise<Exit>
  rename(name: string, newName: string, call?: Call): Promise<void>
  update(name: string, change: ContainerChange, call?: Call): Promise<void>
  remove(name: string, options?: RemoveOptions & Call): Promise<RemovedContainer>
  prune(filters?: Filters, call?: Call): Promise<readonly PruneResult[]>
  /** Kills and removes containers whose `lease` is over: the process that created them is gone. */
  removeAbandoned(call?: Call): Promise<void>
  /** What conmon's exit command calls: records the exit, applies the restart policy, releases mounts and networks, removes. */
  cleanup(name: string, options?: CleanupOptions & Call): Promise<void>
  /** Writes its processes down and ends them, to be restored later; needs criu. @throws LibpodError UNSUPPORTED, CONTAINER_STATE */
  checkpoint(name: string, options?: CheckpointOptions & Call): Promise<void>
  /** Lets it go on where a checkpoint was made. @throws LibpodError UNSUPPORTED, CONTAINER_STATE */
  restore(name: string, options?: RestoreOptions & Call): Promise<void>
  /** The full id behind a name, id or unique prefix. */
  resolve(name: string, call?: Call): Promise<ContainerId>
  /** `external`: also those that only the store knows, made by other tools. */
  exists(name: string, which?: 'own' | 'external', call?: Call): Promise<boolean>
}

export type ContainerState =
  | 'created'
  | 'initialized'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'paused'
  | 'exited'
  | 'removing'
  | 'unknown'

export type WaitCondition = ContainerState | 'healthy' | 'unhealthy' | 'removed' | 'configured'

export interface Exit {
  /** 0–255; -1: nobody knows. */
  readonly code: number
  readonly oomKilled: 'yes' | 'no'
  /** Milliseconds since the epoch. */
  readonly at?: number
}

export interface StartOptions {
  /** Descriptors of this process, 3 and upwards, which the container's gets under the same numbers. */
  readonly preserveFds?: readonly number[]
}

export interface StopOptions {
  /** Seconds; absent: the container's own. */
  readonly timeout?: number
  /** Instead of the container's own. */
  readonly stopSignal?: string
  /** `leave`: the pod's own verb does what its exit policy would. */
  readonly pod?: 'leave'
  /** Told when the stop signal was of no use. */
  readonly onWarning?: (message: string) => void
}

interface ProcessTreeOptions {
  /** The files of the checkpoint and of criu's work stay. */
  readonly files?: 'remove' | 'keep'
  readonly tcp?: 'established' | 'close'
  readonly fileLocks?: 'yes' | 'no'
}

export interface CheckpointOptions extends ProcessTreeOptions {
  readonly afterwards?: 'stop' | 'leave-running'
}

export interface RestoreOptions extends ProcessTreeOptions {}

export interface RemoveOptions {
  /** A running container: refuse (default), or kill it first. */
  readonly running?: 'refuse' | 'kill'
  readonly volumes?: 'keep' | 'remove-anonymous'
  /** Also remove containers that depend on it. */
  readonly dependents?: 'refuse' | 'remove'
  /** `leave`: the pod's own verb does what its exit policy would. */
  readonly pod?: 'leave'
  /** Seconds before SIGKILL when `running` is `kill`. */
  readonly timeout?: number
  readonly onWarning?: (message: string) => void
}

export interface RemovedContainer {
  readonly id: ContainerId
  readonly alsoRemoved: readonly ContainerId[]
}

export interface PruneResult {
  readonly id: string
  /** Bytes given back. */
  readonly size: number
  readonly error?: Error
}

export interface CleanupOptions {
  readonly execSession?: string
  readonly afterwards?: 'keep' | 'remove' | 'remove-with-image'
  /** Do nothing when it still runs. */
  readonly stoppedOnly?: 'yes' | 'no'
}

export interface ContainerChange {
  readonly resources?: ResourceSpec
  readonly restart?: RestartPolicy
  readonly health?: HealthSpec
  readonly env?: { readonly set?: Readonly<Record<string, string>>; readonly unset?: readonly string[] }
  /** In place of all that it has; `host` as when it is created. */
  readonly rlimits?: readonly Rlimit[]
}
