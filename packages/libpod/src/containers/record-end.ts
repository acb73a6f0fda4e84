import { waitExit } from '@libpod/conmon'
import { isAlive } from '../host/process.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import { subjectOf } from './create.ts'
import { forgetSessions } from './exec-records.ts'
import { currentStatus } from './liveness.ts'
import { containerPaths } from './paths.ts'
import { releaseContainer } from './release.ts'
import type { StartRooms } from './start.ts'

/** Milliseconds. */
const longestWriting = 5000

/**
 * Writes down how it ended and releases what it held, doing `unmounted` when it holds no mount any more; a container that is
 * clean already is given back as it is.
 */
export async function recordEnd(
  rooms: StartRooms,
  record: ContainerRecord,
  unmounted?: () => Promise<void>,
): Promise<ContainerRecord> {
  await exitWritten(rooms, record)
  const status = currentStatus(rooms, record)
  if (status.preparing) return forgetPreparation(rooms, { ...record, status })
  if (!status.mountPoint && !status.process) return record
  const ran = status.state === 'stopped'
  killMonitor(status, rooms.host.bootId)
  if (status.healthTimer) (await import('./health-timer.ts')).stopHealthTimer(status, rooms.host.bootId)
  // The runtime begins to forget it before anything else is done.
  const released = releaseContainer(rooms, { ...record, status }, unmounted)
  await Promise.all([released, ran ? tellDeath(rooms, { ...record, status }) : undefined])
  forgetSessions(rooms, record)
  const clean: ContainerStatus = {
    state: ran ? 'exited' : 'created',
    restarts: status.restarts,
    ...(ran
      ? {
          exitCode: status.exitCode ?? -1,
          oomKilled: status.oomKilled ?? 'no',
          finishedAt: status.finishedAt ?? Date.now(),
        }
      : {}),
    ...(status.startedAt ? { startedAt: status.startedAt } : {}),
    ...(status.stoppedByUser ? { stoppedByUser: status.stoppedByUser } : {}),
  }
  settle(rooms, record, clean)
  if (ran) await rooms.events.write({ type: 'container', status: 'cleanup', ...subjectOf(record) })
  return { ...record, status: clean }
}

const tellDeath = (rooms: StartRooms, record: ContainerRecord): Promise<void> =>
  rooms.events.write({
    type: 'container',
    status: 'died',
    containerExitCode: record.status.exitCode ?? -1,
    ...(record.status.oomKilled === 'yes' ? { oomKilled: true } : {}),
    ...subjectOf(record),
  })

/** conmon writes down how it ended a moment after the process is gone; a conmon that was killed writes nothing. */
async function exitWritten(rooms: StartRooms, record: ContainerRecord): Promise<void> {
  const { process, monitor } = record.status
  const { bootId } = rooms.host
  if (!process || isAlive(process, bootId) || !isAlive(monitor, bootId)) return
  const { exitDir } = containerPaths(rooms.options, record.id)
  await waitExit(exitDir, record.id, { monitor, signal: AbortSignal.timeout(longestWriting) }).catch(() => undefined)
}

/** A start that was cut off has given nothing to look back on: what the container was before, it is again. */
async function forgetPreparation(rooms: StartRooms, record: ContainerRecord): Promise<ContainerRecord> {
  await releaseContainer(rooms, record)
  const { preparing: _, netns: __, mountPoint: ___, process: ____, monitor: _____, ...status } = record.status
  settle(rooms, record, status)
  return { ...record, status }
}

/** One that is being removed stays so: nothing that needs it is to be made now. */
function settle({ state: { containers } }: StartRooms, { id }: ContainerRecord, status: ContainerStatus): void {
  const { state } = containers.byId(id)?.status ?? status
  containers.setStatus(id, state === 'removing' ? { ...status, state } : status)
}

/** conmon, and its child that waits to run the exit command, have nothing left to do: it is being done. Never ends itself. */
function killMonitor({ monitor, state }: ContainerStatus, bootId: string): void {
  if ((state !== 'stopped' && state !== 'initialized') || !isAlive(monitor, bootId) || monitor.pid === process.ppid)
    return
  try {
    process.kill(-monitor.pid, 'SIGKILL')
  } catch {
    // It was quicker.
  }
}
