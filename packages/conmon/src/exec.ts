import { join } from 'node:path'
import { execArguments } from './argv.ts'
import type { ExecJob } from './job.ts'
import { type Launched, launch, patiently, pidOf } from './launch.ts'

/** A command that is ready to be attached to, and then to be run. */
export interface ExecSession extends Disposable {
  /** conmon's pid. */
  readonly monitorPid: number
  /** Where to attach before `go`. */
  readonly attachPath: string
  /**
   * Runs the command. Its terminal is there afterwards: set the size then.
   * @throws ConmonError EXECUTABLE_NOT_FOUND, EXECUTABLE_NOT_PERMITTED, RUNTIME_FAILED, RUNTIME_TIMED_OUT, MONITOR_DIED
   */
  go(): Promise<{ readonly pid: number }>
  /** The command's exit status, told by its monitor; `unknown` when the monitor died. Only after `go`. */
  exit(): Promise<number | 'unknown'>
  /** This process need not stay for the end of the command. */
  unref(): void
  /** Lets the command go on by itself: its exit status is then in the job's exit directory only. */
  [Symbol.dispose](): void
}

/**
 * Prepares a command in a running container, in two steps: when this is done the attach socket listens, and nothing runs before `go`.
 * @throws ConmonError MONITOR_DIED, MONITOR_NOT_FOUND, RUNTIME_TIMED_OUT
 */
export async function startExec(job: ExecJob): Promise<ExecSession> {
  const launched = launch(job, execArguments(job)).begin()
  const monitorPid = await patiently(job, launched, ready(job, launched))
  return {
    monitorPid,
    attachPath: join(job.bundle, 'attach'),
    go: () => patiently(job, launched, run(job, launched)),
    exit: async () => (await launched.sync.next())?.data ?? 'unknown',
    unref: launched.sync.unref,
    [Symbol.dispose]: launched.release,
  }
}

async function ready(job: ExecJob, launched: Launched): Promise<number> {
  const [monitorPid, message] = await Promise.all([launched.settled(), launched.attach?.next()])
  pidOf(message, job, launched)
  return monitorPid
}

async function run(job: ExecJob, launched: Launched): Promise<{ readonly pid: number }> {
  launched.go()
  return { pid: pidOf(await launched.sync.next(), job, launched) }
}
