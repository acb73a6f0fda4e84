import { once } from 'node:events'
import { accessSync, closeSync, constants, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { close, type Ending, exited, pipe, spawn } from '@libpod/syscall'
import { complaintThrough } from './complaint.ts'
import { consoleSocketsOf } from './console-socket.ts'
import { ConmonError } from './errors.ts'
import type { ExecJob, MonitorJob } from './job.ts'
import { lastError, runtimeError } from './last-words.ts'
import { type OciLog, ociLog } from './oci-log.ts'
import { killGroup, killTree } from './process.ts'
import { type SyncMessage, type SyncPipe, syncPipe } from './sync-pipe.ts'

type Job = MonitorJob | ExecJob

/** A conmon that has started up and waits to be told to go on. Disposing of it before that ends it. */
export interface Waiting extends Disposable {
  begin(): Launched
}

/** A conmon on its way to the runtime's `create`; the one of an exec session waits then for `go`. */
export interface Launched {
  readonly sync: SyncPipe
  /** Of an exec session's monitor. */
  readonly attach: SyncPipe | undefined
  readonly ociLog: OciLog
  /** Another byte through the start pipe: an exec session's monitor runs the command. */
  go(): void
  /** Waits until conmon's parent half has left; gives the pid of the half that stays. */
  settled(): Promise<number>
  /** What conmon itself wrote to its standard error before it let go of it. */
  complaint(): string
  /** Ends conmon and all that it started. */
  kill(): Promise<void>
  release(): void
}

/** Milliseconds; Podman waits as long for the runtime's `create`. */
const defaultPatience = 240_000

/** Starts conmon as the leader of its own process group, with the pipes it is to speak through (conmon(8)). */
export function launch(job: Job, args: readonly string[]): Waiting {
  job.signal?.throwIfAborted()
  checkRuntime(job)
  using theirs = new DisposableStack()
  using ours = new DisposableStack()
  const open = (its: 'read' | 'write'): ReturnType<typeof pipe> => {
    const ends = pipe()
    theirs.adopt(ends[its], close)
    ours.adopt(ends[its === 'read' ? 'write' : 'read'], close)
    return ends
  }
  const [sync, errors, start] = [open('write'), open('write'), open('read')]
  const attach = 'sessionId' in job ? open('write') : undefined
  const nothing = theirs.adopt(openSync('/dev/null', 'r+'), closeSync)
  const named = { SYNC: sync.write, START: start.read, ...(attach ? { ATTACH: attach.write } : {}) }
  const pid = startConmon(job, args, { nothing, errors: errors.write, named })
  const waiting = ours.move()
  waiting.defer(() => {
    // It waits for its start and has made no others; and this process may end before it could look again.
    killGroup(pid)
    void exited(pid).catch(() => {})
  })
  return {
    begin: () => {
      waiting.move()
      writeStart(start.write)
      // What streams need is loaded while conmon and the runtime work.
      return wire(pid, job, { sync: sync.read, attach: attach?.read, errors: errors.read, start: start.write })
    },
    [Symbol.dispose]: () => waiting.dispose(),
  }
}

function writeStart(pipe: number): void {
  try {
    writeSync(pipe, '\0')
  } catch {
    // conmon is gone: the sync pipe tells
  }
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

/** What conmon gets of ours, as our descriptors. */
interface Ends {
  readonly nothing: number
  readonly errors: number
  /** By what stands between `_OCI_` and `PIPE` in the variable that tells its number. */
  readonly named: Readonly<Record<string, number>>
}

function startConmon(job: Job, args: readonly string[], { nothing, errors, named }: Ends): number {
  const preserved = preservedStreams(job, nothing)
  const first = 3 + preserved.length
  const variables = Object.keys(named).map((name, index) => [`_OCI_${name}PIPE`, String(first + index)])
  const standard = job.log.driver === 'passthrough' ? [0, 1, 2] : [nothing, nothing, errors]
  try {
    return spawn({
      path: job.conmon,
      args,
      env: { ...job.env, ...Object.fromEntries(variables) },
      cwd: job.bundle,
      fds: [...standard, ...preserved, ...Object.values(named), ...(job.heldFds ?? [])],
      session: 'own',
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConmonError('MONITOR_NOT_FOUND', `conmon cannot be started: ${reason}`, { subject: job.conmon, cause })
  }
}

/** From 3 upwards. What is not listed stays closed for crun; other runtimes want every number up to the last, and get the null device. */
function preservedStreams({ preserveFds = [], runtime }: Job, nothing: number): readonly (number | 'closed')[] {
  const between = basename(runtime) === 'crun' ? 'closed' : nothing
  return Array.from({ length: Math.max(2, ...preserveFds) - 2 }, (_, index) =>
    preserveFds.includes(index + 3) ? index + 3 : between,
  )
}

/** Our ends of the pipes. */
interface Wires {
  readonly sync: number
  readonly attach: number | undefined
  readonly errors: number
  readonly start: number
}

function wire(pid: number, job: Job, wires: Wires): Launched {
  const release = new DisposableStack()
  const start = release.adopt(wires.start, close)
  const complaint = release.use(complaintThrough(wires.errors))
  const sync = release.use(syncPipe(wires.sync))
  const attach = wires.attach === undefined ? undefined : release.use(syncPipe(wires.attach))
  let ending: Ending | undefined
  const left = exited(pid).then(end => (ending = end))
  return {
    sync,
    attach,
    ociLog: ociLog(job.ociLog),
    go: () => writeStart(start),
    settled: async () => {
      const end = await left
      if ('code' in end && end.code === 0) return pidIn(job.conmonPidFile) ?? 0
      throw monitorDied(job, await complaint.whole())
    },
    complaint: complaint.text,
    kill: async () => {
      const monitors = [ending ? undefined : pid, pidIn(job.conmonPidFile)]
      const sockets = new Set<string>()
      const look = (member: number) => {
        for (const path of consoleSocketsOf(member, job.conmon)) sockets.add(path)
      }
      await Promise.all(monitors.map(found => found && killTree(found, look)))
      for (const path of sockets) rmSync(path, { force: true })
      release.dispose()
    },
    release: () => release.dispose(),
  }
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
    await launched.kill()
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
