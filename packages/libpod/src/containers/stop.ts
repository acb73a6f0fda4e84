import { readExit, waitExit } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import { parseSignal } from '../plan/signals.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { StopOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { goesAtEnd } from './goes-at-end.ts'
import { ifGone } from './gone.ts'
import { currentStatus, isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { containerPaths } from './paths.ts'
import { podOutlived } from './pod-outlived.ts'
import { recordEnd } from './record-end.ts'
import { type RemoveRooms, removeImageOf, removeStopped } from './remove.ts'
import type { StartRooms } from './start.ts'
import { gone, SIGKILL, send, stopProcess } from './stop-process.ts'

/** Stops a container and cleans up behind it. @throws LibpodError CONTAINER_STATE when it is paused */
export async function stopContainer(
  rooms: RemoveRooms,
  name: string,
  options: StopOptions & Call = {},
): Promise<'stopped' | 'already-stopped'> {
  const found = rooms.state.containers.find(name)
  const { id } = found
  if ((await stopProcess(rooms, id, { ...options, paused: 'refuse' })) === 'already-stopped') {
    await withContainer(rooms, id, record => clean(rooms, record), options.signal).catch(ifGone)
    return 'already-stopped'
  }
  await rooms.events.write({ type: 'container', status: 'stop', ...subjectOf(found) })
  await withContainer(rooms, id, async record => {
    // Who started it anew meanwhile wants it to run.
    if (isRunning(rooms, record)) return
    const lost = lostItsMonitor(rooms, record)
    const ended = await recordEnd(rooms, record)
    if (goesAtEnd(record.config)) await removeStopped(rooms, ended, { volumes: 'remove-anonymous' })
    if (lost)
      throw new LibpodError(
        'MONITOR_FAILED',
        `container ${id} conmon exited prematurely, exit code could not be retrieved: conmon process killed`,
        { subject: record.name },
      )
  }).catch(ifGone)
  if (options.pod !== 'leave') await podOutlived(rooms, found)
  // Its own clean-up may have removed the container, and be at the image still.
  if (found.config.spec.onExit === 'remove-with-image') await removeImageOf(rooms, found)
  return 'stopped'
}

/** Nobody was there to write down how it ended. */
function lostItsMonitor({ options, host }: RemoveRooms, { id, status }: ContainerRecord): boolean {
  if (status.state !== 'stopping' || isAlive(status.monitor, host.bootId)) return false
  return readExit(containerPaths(options, id).exitDir, id) === undefined
}

async function clean(rooms: RemoveRooms, record: ContainerRecord): Promise<void> {
  if (currentStatus(rooms, record).state === 'stopped') await recordEnd(rooms, record)
}

/**
 * Sends a signal; whatever it is, no restart policy starts the container when it ends after that. Returns after SIGKILL when it
 * has ended. @throws LibpodError CONTAINER_STATE when it does not run
 */
export async function killContainer(rooms: StartRooms, name: string, signal: string): Promise<void> {
  const number = parseSignal(signal)
  const { id } = rooms.state.containers.find(name)
  const killed = await withContainer(rooms, id, async record => {
    if (!isRunning(rooms, record) || record.status.state === 'initialized') {
      throw new LibpodError(
        'CONTAINER_STATE',
        `can only kill running containers. ${id} is in state ${currentStatus(rooms, record).state}: container state improper`,
        { subject: record.name },
      )
    }
    await send(rooms, record, number)
    rooms.state.containers.setStatus(id, { ...record.status, stoppedByUser: 'yes' })
    // Not all control groups let a frozen process die.
    if (number === SIGKILL && record.status.state === 'paused')
      await runtimeOf(rooms, record)
        .resume(id)
        .catch(() => {})
    await rooms.events.write({ type: 'container', status: 'kill', ...subjectOf(record) })
    return record
  })
  if (number === SIGKILL) await endWritten(rooms, killed)
}

/** Milliseconds that a killed process, and conmon with its last words, may take. */
const longestEnd = 10_000

async function endWritten(
  { options, host }: StartRooms,
  { id, status: { process, monitor } }: ContainerRecord,
): Promise<void> {
  await gone(() => isAlive(process, host.bootId), longestEnd)
  const { exitDir } = containerPaths(options, id)
  const signal = AbortSignal.timeout(longestEnd)
  await waitExit(exitDir, id, { ...(monitor ? { monitor } : {}), signal }).catch(() => undefined)
}
