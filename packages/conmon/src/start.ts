import { monitorArguments } from './argv.ts'
import type { MonitorJob } from './job.ts'
import { type Launched, launch, patiently, pidOf } from './launch.ts'

/** A created container and its monitor. */
export interface StartedMonitor {
  /** conmon's pid. */
  readonly monitorPid: number
  /** The container's first process, which waits for the runtime's `start`. */
  readonly pid: number
}

/**
 * Lets conmon create a container: conmon runs the runtime's `create` (or `restore`) and stays as the container's monitor.
 * The directories named by the job and the log file's own must be there. Afterwards the attach socket exists and nothing runs
 * yet: attach, set the size of the terminal, and have the runtime start the container, so that no output is lost.
 * @throws ConmonError EXECUTABLE_NOT_FOUND and EXECUTABLE_NOT_PERMITTED when the runtime says so of the program to be run,
 *   RUNTIME_FAILED, RUNTIME_TIMED_OUT, MONITOR_DIED, MONITOR_NOT_FOUND
 */
export async function startMonitor(job: MonitorJob): Promise<StartedMonitor> {
  const launched = launch(job, monitorArguments(job))
  try {
    return await patiently(job, launched, created(job, launched))
  } finally {
    launched.release()
  }
}

async function created(job: MonitorJob, launched: Launched): Promise<StartedMonitor> {
  const [monitorPid, message] = await Promise.all([launched.settled(), launched.sync.next()])
  return { monitorPid, pid: pidOf(message, job, launched) }
}
