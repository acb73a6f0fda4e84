import type { Readable, Writable } from 'node:stream'
import type { PullEvent } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec, RestartPolicy } from '../spec/container.ts'
import type { HealthSpec } from '../spec/health.ts'
import type { NetworkAttachment, PortMapping } from '../spec/network.ts'
import type { Rlimit } from '../spec/process.ts'
import type { ResourceSpec } from '../spec/resources.ts'
import type { ContainerInspect } from './inspect-shape.ts'

/** 64 hex digits. */
export type ContainerId = string & { readonly __brand: 'libpod.ContainerId' }

/**
 * Containers, from creation to removal. Every method that takes `name` accepts a name, an id or a unique prefix of an id, and
 * rejects with CONTAINER_UNKNOWN or NAME_AMBIGUOUS. Reads (`list`, `inspect`, `logs`, `exists`) take no lock and run no program.
 */
export interface Containers extends ContainerLife, ContainerStreams, ContainerFiles, ContainerFigures {}

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

export interface ContainerStreams {
  /**
   * Creates a container, connects to it and starts it. It is removed when it has ended, or when this is disposed of, unless
   * `spec.onExit` is `keep`. Aborting kills it.
   */
  run(spec: ContainerSpec, options?: AttachOptions & Call<PullEvent>): Promise<RunningContainer>
  /** Attaches to a running container. */
  attach(name: string, options?: AttachOptions & Call): Promise<AttachSession>
  /** Attaches first and starts then, so that no byte is lost. */
  startAttached(name: string, options?: StartAttachedOptions & Call): Promise<AttachSession>
  exec(name: string, exec: ExecSpec, call?: Call): Promise<AttachSession>
  /** Leaves the process running; resolves to the session id. */
  execDetached(name: string, exec: ExecSpec, call?: Call): Promise<string>
  logs(name: string, options?: LogOptions & Call): AsyncIterable<LogRecord>
}

export interface ContainerFiles {
  /** A tar of `path` inside the container (the entry itself at its root), read through its mounts and volumes. */
  copyOut(
    name: string,
    path: string,
    call?: Call,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>
  /** Unpacks a tar into directory `path`. */
  copyIn(name: string, path: string, tar: AsyncIterable<Uint8Array>, options?: CopyInOptions & Call): Promise<void>
  stat(name: string, path: string, call?: Call): Promise<PathStat>
  /** What a directory inside the container holds; undefined when there is no such directory. */
  entries(name: string, path: string, call?: Call): Promise<readonly DirectoryEntry[] | undefined>
  changes(name: string, call?: Call): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]>
  commit(name: string, options: CommitOptions & Call): Promise<string>
  export(name: string, call?: Call): AsyncIterable<Uint8Array>
  mount(name: string, call?: Call): Promise<string>
  unmount(name: string, how: 'once' | 'force', call?: Call): Promise<void>
  mounts(call?: Call): Promise<readonly { readonly id: ContainerId; readonly name: string; readonly path: string }[]>
}

export interface ContainerFigures {
  list(options?: ListOptions & Call): Promise<readonly ContainerSummary[]>
  inspect(name: string, options?: { readonly size?: 'yes' | 'no' } & Call): Promise<ContainerInspect>
  /** Rows of `ps`-like descriptors, the header first; from /proc, nothing of the container is executed. */
  top(name: string, descriptors: readonly string[], call?: Call): Promise<readonly (readonly string[])[]>
  stats(names: readonly string[], call?: Call): Promise<readonly ContainerStats[]>
  ports(name: string, call?: Call): Promise<readonly PortMapping[]>
  /** What a container is made of by now, updates included, for another one like it: without its name and the files that are its own. */
  spec(name: string, call?: Call): Promise<ContainerSpec>
  runHealthCheck(name: string, call?: Call): Promise<'healthy' | 'unhealthy' | 'starting' | 'stopped'>
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
  /** Seconds before SIGKILL when `running` is `kill`. */
  readonly timeout?: number
  readonly onWarning?: (message: string) => void
}

export interface RemovedContainer {
  readonly id: ContainerId
  readonly alsoRemoved: readonly ContainerId[]
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

export interface AttachOptions extends StartOptions {
  readonly stdin?: 'open' | 'closed'
  /** `ctrl-p,ctrl-q` form; empty: no detaching. */
  readonly detachKeys?: string
  /** Rows and columns to set before the process starts. */
  readonly size?: { readonly rows: number; readonly columns: number }
}

export interface StartAttachedOptions extends AttachOptions {
  /**
   * Gets the session as soon as there is one, before the process runs: streams can be plugged in while the runtime creates the
   * container. When the start fails, `ended` does with it.
   */
  readonly onAttached?: (session: AttachSession) => void
}

/**
 * A connection to a process. Read both outputs (or `resume()` them): an unread one stalls the container. Disposing closes the
 * connection and leaves the process alone.
 */
export interface AttachSession extends AsyncDisposable {
  readonly id: ContainerId
  readonly stdout: Readable
  /** Absent output when the process has a terminal. */
  readonly stderr: Readable
  readonly stdin: Writable
  resize(rows: number, columns: number): void
  /** `exited` with the code, or `detached` when the keys were typed. */
  readonly ended: Promise<{ readonly how: 'exited'; readonly code: number } | { readonly how: 'detached' }>
}

/** A container in the foreground of its caller. Read both outputs (or `resume()` them): an unread one stalls it. */
export interface RunningContainer extends AsyncDisposable {
  readonly id: ContainerId
  readonly stdin: Writable
  readonly stdout: Readable
  /** Absent output when the process has a terminal. */
  readonly stderr: Readable
  /** The exit code, once everything the run held was given back; 0 when the caller detached. Rejects when aborted. */
  readonly exited: Promise<number>
  /**
   * Resolves when the container does what is waited for. Rejects with CONTAINER_STATE when it ends before, and with the reason
   * of `signal`: `AbortSignal.timeout(10_000)` bounds the wait.
   */
  ready(condition: ReadyCondition, call?: Call): Promise<void>
}

/**
 * `port`: something in the container listens on this TCP port, whatever its network. `log`: a line of its log contains or matches
 * this (its log driver must keep a file). `http`: a request from the host gets this status, any below 400 when none is named; the
 * port is the container's own, published or not. `health`: its health check says so.
 */
export type ReadyCondition =
  | { readonly port: number }
  | { readonly log: string | RegExp }
  | { readonly http: { readonly port: number; readonly path?: string; readonly status?: number } }
  | { readonly health: 'healthy' }

export interface ExecSpec {
  readonly command: readonly string[]
  readonly terminal?: 'none' | 'tty'
  readonly stdin?: 'closed' | 'open'
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
  readonly workdir?: string
  readonly privileged?: 'yes' | 'no'
  /** Descriptors of this process, 3 and upwards, which the command gets under the same numbers. */
  readonly preserveFds?: readonly number[]
  /** Whether `inspect` lists the session while it runs (default), or nothing is written down of it. */
  readonly record?: 'kept' | 'none'
  readonly detachKeys?: string
  readonly size?: { readonly rows: number; readonly columns: number }
}

export interface LogOptions {
  readonly follow?: 'yes' | 'no'
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly until?: number
  readonly tail?: number
}

export interface LogRecord {
  /** RFC 3339 with nanoseconds, as written. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** A line without its end, or a piece of one. */
  readonly kind: 'line' | 'partial'
  readonly message: Buffer
}

export interface DirectoryEntry {
  readonly name: string
  /** Links are `other`, wherever they lead. */
  readonly kind: 'directory' | 'other'
}

export interface PathStat {
  readonly name: string
  readonly size: number
  /** Unix mode with type bits. */
  readonly mode: number
  readonly mtime: string
  readonly linkTarget: string
}

export interface CopyInOptions {
  /** Owner of the files: as in the tar, or the container's user. */
  readonly owner?: 'archive' | 'container-user'
  readonly overwriteNonDirectory?: 'yes' | 'no'
}

export interface CommitOptions {
  readonly names?: readonly string[]
  readonly author?: string
  readonly message?: string
  /** Dockerfile instructions. */
  readonly changes?: readonly string[]
  readonly format?: 'oci' | 'docker'
  readonly pause?: 'yes' | 'no'
  readonly squash?: 'yes' | 'no'
  readonly includeVolumes?: 'yes' | 'no'
  readonly config?: string
}

/** Podman's filter syntax: `{ status: ['running'], label: ['a=b'] }`; keys and values as on the command line. */
export type Filters = Readonly<Record<string, readonly string[]>>

export interface ListOptions {
  readonly filters?: Filters
  /** Also those not running (`-a`). */
  readonly which?: 'running' | 'all'
  readonly size?: 'yes' | 'no'
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
  readonly namespaces: Readonly<Record<'cgroup' | 'ipc' | 'mnt' | 'net' | 'pidns' | 'user' | 'uts', string>>
  readonly external: 'yes' | 'no'
}

export interface PruneResult {
  readonly id: string
  /** Bytes given back. */
  readonly size: number
  readonly error?: Error
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
  readonly networks: Readonly<Record<string, { readonly rxBytes: number; readonly txBytes: number }>>
  readonly blockInput: number
  readonly blockOutput: number
  readonly upTimeNano: number
}
