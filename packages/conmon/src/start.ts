import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
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

/** A conmon that waits for what it is to have created: config.json need not be there yet. Disposing of it before `create` ends it. */
export interface WaitingMonitor extends Disposable {
  /**
   * conmon runs the runtime's `create` (or `restore`) and stays as the container's monitor. Afterwards the attach socket exists and
   * nothing runs yet: attach, set the size of the terminal, and have the runtime start the container, so that no output is lost.
   * @throws ConmonError EXECUTABLE_NOT_FOUND and EXECUTABLE_NOT_PERMITTED when the runtime says so of the program to be run,
   *   RUNTIME_FAILED, RUNTIME_TIMED_OUT, MONITOR_DIED
   */
  create(): Promise<StartedMonitor>
}

/**
 * Starts conmon, which takes it a few milliseconds, while the caller goes on preparing. The directories named by the job and the
 * log file's own must be there.
 * @throws ConmonError MONITOR_NOT_FOUND, RUNTIME_NOT_FOUND
 */
export function launchMonitor(job: MonitorJob): WaitingMonitor {
  const waiting = launch(job, monitorArguments(job))
  const create = async (): Promise<StartedMonitor> => {
    const launched = waiting.begin()
    try {
      return await patiently(job, launched, created(job, launched))
    } finally {
      setImmediate(launched.release) // first what comes next
    }
  }
  return { create, [Symbol.dispose]: () => waiting[Symbol.dispose]() }
}

/** {@link launchMonitor} and `create` in one, for a container whose config.json is there. */
export const startMonitor = async (job: MonitorJob): Promise<StartedMonitor> => launchMonitor(job).create()

async function created(job: MonitorJob, launched: Launched): Promise<StartedMonitor> {
  const answer = launched.sync.next()
  if (job.onAttachable) await attachable(job, answer)
  const [monitorPid, message] = await Promise.all([launched.settled(), answer])
  return { monitorPid, pid: pidOf(message, job, launched) }
}

/** Milliseconds between two looks for the socket, which conmon makes before it runs the runtime. */
const pause = 2

async function attachable({ bundle, onAttachable }: MonitorJob, answer: Promise<unknown>): Promise<void> {
  const answered = answer.then(() => 'yes' as const)
  const socket = join(bundle, 'attach')
  while (!existsSync(socket)) if ((await Promise.race([answered, delay(pause)])) === 'yes') return
  onAttachable?.()
}
