import { setTimeout as delay } from 'node:timers/promises'
import { LibpodError } from '../errors.ts'
import { isAlive, killProcess } from '../host/process.ts'
import { parseSignal, signalName } from '../plan/signals.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import { makesProcesses } from '../runtimes/select.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord, ContainerStatus, ProcessIdentity } from '../state/container.ts'
import type { StopOptions } from './containers.ts'
import { currentStatus, isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import type { StartRooms } from './start.ts'

export const SIGKILL = 9

const ended: ReadonlySet<string> = new Set(['stopped', 'exited'])

export type StopHow = StopOptions &
  Call & {
    /** Who is going to start it again. */
    readonly restarter?: ProcessIdentity | undefined
    /** The run that is to be stopped; another, or one that somebody else is stopping, is left alone. */
    readonly onlyRun?: ProcessIdentity | undefined
    /** One that is paused stays so; else it is let go on first. */
    readonly paused?: 'refuse'
  }

/**
 * The stop signal, then SIGKILL after the timeout (podman-stop(1)); returns when the process is gone, at once with
 * 'already-stopped' when there is none; no restart policy starts it after that. Only the very process that was started is ever
 * signalled. The container is locked while it is signalled, not while it is waited for: others may kill it meanwhile.
 */
export async function stopProcess(
  rooms: StartRooms,
  id: string,
  options: StopHow = {},
): Promise<'stopped' | 'already-stopped'> {
  const record = await withContainer(rooms, id, found => beginToStop(rooms, found, options), options.signal)
  if (!record) return 'already-stopped'
  const alive = (): boolean => isAlive(record.status.process, rooms.host.bootId)
  const timeout = options.timeout ?? record.config.stopTimeout
  if (timeout > 0) {
    const left = gone(alive, timeout * 1000, options.signal)
    if (await left.catch(error => runsOn(rooms, record, error))) return 'stopped'
    options.onWarning?.(
      `StopSignal ${signalName(signalOf(record, options))} failed to stop container ${record.name} in ${timeout} seconds, resorting to SIGKILL`,
    )
  }
  if (alive()) await send(rooms, record, SIGKILL)
  if (await gone(alive, 10_000)) return 'stopped'
  throw new LibpodError('CONTAINER_STATE', `container ${record.id} did not stop after SIGKILL`, {
    subject: record.name,
  })
}

async function beginToStop(
  rooms: StartRooms,
  record: ContainerRecord,
  options: StopHow,
): Promise<ContainerRecord | undefined> {
  const running = isRunning(rooms, record)
  if (options.onlyRun && !(running && isThatRun(record, options.onlyRun))) return undefined
  const { restarter } = options
  if (restarter && running) refuseInBetween(record)
  if (options.paused && running) refusePaused(rooms, record)
  const { restarter: _, ...before } = record.status
  const status: ContainerStatus = { ...before, stoppedByUser: 'yes', ...(restarter ? { restarter } : {}) }
  if (!running) {
    if (restarter || ended.has(currentStatus(rooms, record).state)) rooms.state.containers.setStatus(record.id, status)
    return undefined
  }
  rooms.state.containers.setStatus(record.id, { ...status, state: 'stopping' })
  if (record.status.state === 'paused') await runtimeOf(rooms, record).resume(record.id)
  if ((options.timeout ?? record.config.stopTimeout) > 0) await send(rooms, record, signalOf(record, options))
  return record
}

/** What would not end, and is not waited for any more, runs on. @throws `error` */
async function runsOn(rooms: StartRooms, { id, status: { process } }: ContainerRecord, error: unknown): Promise<never> {
  const goOn = ({ status }: ContainerRecord): void => {
    if (status.state === 'stopping' && status.process?.startTime === process?.startTime)
      rooms.state.containers.setStatus(id, { ...status, state: 'running' })
  }
  await withContainer(rooms, id, goOn).catch(() => {}) // It went meanwhile.
  throw error
}

const isThatRun = ({ status: { process, state, stoppedByUser } }: ContainerRecord, run: ProcessIdentity): boolean =>
  state === 'running' && stoppedByUser !== 'yes' && process?.pid === run.pid && process.startTime === run.startTime

function refuseInBetween({ name, status: { state } }: ContainerRecord): void {
  if (state !== 'paused' && state !== 'stopping') return
  throw new LibpodError(
    'CONTAINER_STATE',
    'unable to restart a container in a paused or unknown state: container state improper',
    { subject: name },
  )
}

/** Nobody who wants it stopped wants it started again by its restart policy. */
function refusePaused({ state }: StartRooms, { id, name, status }: ContainerRecord): void {
  if (status.state !== 'paused') return
  state.containers.setStatus(id, { ...status, stoppedByUser: 'yes' })
  throw new LibpodError(
    'CONTAINER_STATE',
    `container ${id} is running or paused, refusing to clean up: container state improper`,
    { subject: name },
  )
}

const signalOf = ({ config }: ContainerRecord, options: StopOptions): number =>
  options.stopSignal ? parseSignal(options.stopSignal) : config.stopSignal

export async function send(rooms: StartRooms, record: ContainerRecord, signal: number): Promise<void> {
  const whom = record.config.spec.security?.namespaces?.pid?.kind === 'host' ? 'all' : 'init'
  if (whom === 'init' && signal === SIGKILL && killInit(rooms, record)) return
  await runtimeOf(rooms, record)
    .kill(record.id, signal, whom)
    .catch(error => {
      if (isAlive(record.status.process, rooms.host.bootId)) throw error
    })
}

/** What a runtime that makes ordinary processes does for SIGKILL, without the time of starting it. False: it has to be asked. */
function killInit({ host }: StartRooms, { config, status }: ContainerRecord): boolean {
  try {
    return makesProcesses(config.runtime) && killProcess(status.process, host.bootId)
  } catch {
    return false
  }
}

/** Ends a process of the engine's own, and only that one; waits until it is gone. */
export async function endProcess(identity: ProcessIdentity, bootId: string): Promise<void> {
  const alive = (): boolean => isAlive(identity, bootId)
  if (!alive()) return
  try {
    process.kill(identity.pid, 'SIGTERM')
    if (!(await gone(alive, 2000))) process.kill(identity.pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
  await gone(alive, 2000)
}

/** Whether something ends within `patience` milliseconds. @throws the signal's reason */
export async function gone(alive: () => boolean, patience: number, signal?: AbortSignal): Promise<boolean> {
  const end = Date.now() + patience
  for (let pause = 2; Date.now() < end; pause = Math.min(pause * 1.5, 50)) {
    if (!alive()) return true
    signal?.throwIfAborted()
    await delay(pause)
  }
  return !alive()
}
