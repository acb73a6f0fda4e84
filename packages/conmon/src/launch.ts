import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { ConmonError } from './errors.ts'
import type { ExecJob, MonitorJob } from './job.ts'
import { lastError, runtimeError } from './last-words.ts'
import { type OciLog, ociLog } from './oci-log.ts'
import { killTree } from './process.ts'
import { type SyncMessage, type SyncPipe, syncPipe } from './sync-pipe.ts'

type Job = MonitorJob | ExecJob
type PipeName = 'sync' | 'start' | 'attach'

/** A conmon that waits for the first byte of its start pipe. */
export interface Launched {
  readonly sync: SyncPipe
  readonly attach: SyncPipe | undefined
  readonly ociLog: OciLog
  /** One byte through the start pipe: go on. */
  go(): void
  /** Waits until conmon's parent half has left; gives the pid of the half that stays. */
  settled(): Promise<number>
  /** What conmon itself wrote to its standard error before it let go of it. */
  complaint(): string
  /** Ends conmon and all that it started. */
  kill(): void
  release(): void
}

/** The longest that conmon's own complaint may be. */
const longestComplaint = 64 * 1024
/** Milliseconds to wait for the end of it. */
const longestHearing = 500
/** Milliseconds; Podman waits as long for the runtime's `create`. */
const defaultPatience = 240_000

/** Starts conmon as the leader of its own process group, with the pipes it is to speak through (conmon(8)). */
export async function launch(job: Job, args: readonly string[], pipes: readonly PipeName[]): Promise<Launched> {
  job.signal?.throwIfAborted()
  checkRuntime(job)
  using nothing = new DisposableStack()
  const preserved = preservedStreams(job, nothing)
  const first = 3 + preserved.length
  const child = spawn(job.conmon, args, {
    detached: true,
    cwd: job.bundle,
    stdio: [...standardStreams(job), ...preserved, ...pipes.map(() => 'pipe' as const), ...(job.heldFds ?? [])],
    env: {
      ...job.env,
      ...Object.fromEntries(pipes.map((name, index) => [`_OCI_${name.toUpperCase()}PIPE`, String(first + index)])),
    },
  })
  await spawned(child, job.conmon)
  return wire(child, job, name => (pipes.includes(name) ? child.stdio[first + pipes.indexOf(name)] : undefined))
}

function checkRuntime({ runtime }: Job): void {
  try {
    accessSync(runtime, constants.X_OK)
  } catch (cause) {
    throw new ConmonError(
      'RUNTIME_NOT_FOUND',
      `the OCI runtime ${runtime} cannot be executed: ${(cause as Error).message}`,
      { subject: runtime, cause },
    )
  }
}

const standardStreams = (job: Job): IOType[] =>
  job.log.driver === 'passthrough' ? ['inherit', 'inherit', 'inherit'] : ['ignore', 'ignore', 'pipe']

/** From 3 upwards. What is not listed stays closed for crun; other runtimes want every number up to the last, and get the null device. */
function preservedStreams(
  { preserveFds = [], runtime }: Job,
  nothing: DisposableStack,
): readonly (number | 'ignore')[] {
  const between = (): number | 'ignore' => {
    if (basename(runtime) === 'crun') return 'ignore'
    return nothing.adopt(openSync('/dev/null', 'r+'), closeSync)
  }
  return Array.from({ length: Math.max(2, ...preserveFds) - 2 }, (_, index) =>
    preserveFds.includes(index + 3) ? index + 3 : between(),
  )
}

async function spawned(child: ChildProcess, conmon: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConmonError('MONITOR_NOT_FOUND', `conmon cannot be started: ${reason}`, { subject: conmon, cause })
  }
}

type Stdio = ChildProcess['stdio'][number]

function wire(child: ChildProcess, job: Job, pipe: (name: PipeName) => Stdio | undefined): Launched {
  const start = pipe('start') as Writable
  start.on('error', () => {}) // conmon is gone: the sync pipe tells
  const sync = syncPipe(pipe('sync') as Readable)
  const attachStream = pipe('attach')
  const attach = attachStream ? syncPipe(attachStream as Readable) : undefined
  const complaint = collect(child.stderr)
  const left = new Promise<number | null>(resolve => void child.once('exit', resolve))
  const settled = async (): Promise<number> => {
    const status = await left
    if (status !== 0) {
      await heardOut(child.stderr)
      throw monitorDied(job, complaint())
    }
    return pidIn(job.conmonPidFile) ?? 0
  }
  const release = (): void => {
    sync[Symbol.dispose]()
    attach?.[Symbol.dispose]()
    start.destroy()
    child.stderr?.destroy()
    child.unref()
  }
  const kill = (): void => {
    for (const pid of [child.exitCode === null ? child.pid : undefined, pidIn(job.conmonPidFile)])
      if (pid) killTree(pid)
    release()
  }
  return {
    sync,
    attach,
    ociLog: ociLog(job.ociLog),
    go: () => void start.write('\0'),
    settled,
    complaint,
    kill,
    release,
  }
}

function collect(stream: Readable | null): () => string {
  let text = ''
  stream?.setEncoding('utf8')
  stream?.on('data', piece => {
    text = (text + piece).slice(-longestComplaint)
  })
  stream?.on('error', () => {})
  return () => text.trim()
}

/** What a dead conmon wrote may still be on its way; what it left behind may hold the pipe open. */
async function heardOut(stream: Readable | null): Promise<void> {
  if (stream) await finished(stream, { signal: AbortSignal.timeout(longestHearing) }).catch(() => {})
}

function monitorDied(job: Job, lastWords: string): ConmonError {
  const text = `conmon ended before it told of container ${job.containerId}${lastWords === '' ? '' : `: ${lastWords}`}`
  return new ConmonError('MONITOR_DIED', text, { subject: job.containerId, lastWords })
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim())
    return Number.isInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/**
 * What conmon answers, as long as the caller is patient; then, and when the caller aborts, conmon and the runtime are killed.
 * @throws ConmonError RUNTIME_TIMED_OUT, or the signal's reason
 */
export async function patiently<T>(job: Job, launched: Launched, answer: Promise<T>): Promise<T> {
  const over = new AbortController()
  const patience = job.patience ?? defaultPatience
  const aborted = async (): Promise<never> => {
    if (job.signal && !job.signal.aborted) await once(job.signal, 'abort', { signal: over.signal })
    throw job.signal?.reason
  }
  const late = async (): Promise<never> => {
    await delay(patience, undefined, { signal: over.signal, ref: false })
    throw new ConmonError('RUNTIME_TIMED_OUT', `${job.runtime} did not finish within ${patience} ms and was killed`, {
      subject: job.containerId,
    })
  }
  try {
    return await Promise.race([answer, late(), ...(job.signal ? [aborted()] : [])])
  } catch (error) {
    launched.kill()
    throw error
  } finally {
    over.abort()
  }
}

/** The pid in conmon's message. @throws ConmonError telling why the runtime failed, or MONITOR_DIED */
export function pidOf(message: SyncMessage | undefined, job: Job, launched: Launched): number {
  if (message && message.data >= 0) return message.data
  const said = launched.ociLog.text()
  // conmon says nothing when the runtime complained to its log alone.
  if (message || lastError(said) !== undefined)
    throw runtimeError({ ...job, ociLog: said, message: message?.message ?? '' })
  throw monitorDied(job, launched.complaint())
}
