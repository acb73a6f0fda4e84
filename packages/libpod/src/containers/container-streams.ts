import type { Readable, Writable } from 'node:stream'
import type { PullEvent } from '../images/images.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { ContainerId } from './container-id.ts'
import type { StartOptions } from './container-life.ts'

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
