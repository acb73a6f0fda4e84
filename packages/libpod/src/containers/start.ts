import { LibpodError } from '../errors.ts'
import { activeHealth } from '../plan/health.ts'
import type { Rooms } from '../rooms.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { beingRemoved } from '../state/containers.ts'
import { subjectOf } from './create.ts'
import type { MonitorOptions } from './launch-conmon.ts'
import { currentStatus, isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { joinMonitorCgroup } from './monitor-cgroup.ts'
import { notifyHealthy, notifyStarted } from './notify.ts'
import { type PrepareRooms, prepareContainer } from './prepare.ts'
import { releaseContainer } from './release.ts'

export type StartRooms = PrepareRooms & Pick<Rooms, 'runtime'>

/** Starts a container; one that runs is left as it is. What it needs is started first. */
export async function startContainer(rooms: StartRooms, name: string, call: Call & MonitorOptions = {}): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  await startNeeded(rooms, id, call)
  await withContainer(
    rooms,
    id,
    async record => {
      if (alreadyRuns(rooms, record)) return
      await runDetached(rooms, await initialized(rooms, record, call), call)
    },
    call.signal,
  )
  await notifyHealthy(rooms, id, call)
}

/** Whether there is nothing to start. @throws LibpodError CONTAINER_STATE for one that is paused, or being stopped */
export function alreadyRuns(rooms: Pick<Rooms, 'options' | 'host'>, record: ContainerRecord): boolean {
  const { state } = record.status
  if (!isRunning(rooms, record) || state === 'initialized') return false
  if (state === 'running') return true
  throw new LibpodError(
    'CONTAINER_STATE',
    `unable to start container "${record.id}": container ${record.id} must be in Created or Stopped state to be started: container state improper`,
    { subject: record.name },
  )
}

export async function startNeeded(rooms: StartRooms, id: string, call: Call): Promise<void> {
  for (const needed of rooms.state.containers.needsOf(id as ContainerRecord['id'])) {
    const record = rooms.state.containers.byId(needed)
    if (record && !isRunning(rooms, record)) await startContainer(rooms, needed, call)
  }
}

/** The runtime's `create`, without its `start`. @throws LibpodError CONTAINER_STATE */
export async function initContainer(rooms: StartRooms, name: string, call: Call = {}): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  await withContainer(rooms, id, async record => {
    const { state } = currentStatus(rooms, record)
    if (!['created', 'exited', 'stopped'].includes(state))
      throw new LibpodError(
        'CONTAINER_STATE',
        `container ${id} has already been created in runtime: container state improper`,
        { subject: record.name },
      )
    await initialized(rooms, record, call)
  })
}

/** The container, ready to be started: prepared anew unless it already is; what an earlier run left is released first. Only its restart policy counts its restarts. */
export async function initialized(
  rooms: StartRooms,
  record: ContainerRecord,
  call: Call & MonitorOptions & { readonly restarts?: number },
): Promise<ContainerRecord> {
  const status = currentStatus(rooms, record)
  if (status.state === 'initialized') return record
  if (status.state === 'removing') throw beingRemoved(record)
  const clean = { ...record, status }
  const held = status.mountPoint !== undefined || status.preparing === 'yes'
  if (held || (status.state !== 'created' && status.state !== 'exited')) await releaseContainer(rooms, clean)
  const fresh = { ...clean, status: { state: 'created' as const, restarts: call.restarts ?? 0 } }
  return prepareContainer(rooms, fresh, call).catch((error: unknown) => {
    if (!call.signal?.aborted) noteFailure(rooms, record, error)
    throw error
  })
}

/** Why it did not start is for `inspect` to tell. */
function noteFailure({ state }: StartRooms, { id }: ContainerRecord, error: unknown): void {
  const status = state.containers.byId(id)?.status
  if (status)
    state.containers.setStatus(id, { ...status, error: error instanceof Error ? error.message : String(error) })
}

/** The runtime's `start`, and conmon in a cgroup of its own. */
export async function runDetached(rooms: StartRooms, record: ContainerRecord, call: Call = {}): Promise<void> {
  await joinMonitorCgroup(await runPrepared(rooms, record, call), rooms.host.bootId)
}

async function keepHealthy(rooms: StartRooms, record: ContainerRecord): Promise<void> {
  const [{ startHealthTimer }, { resetHealth }] = await Promise.all([
    import('./health-timer.ts'),
    import('./health-log.ts'),
  ])
  resetHealth(rooms.options, record)
  const healthTimer = startHealthTimer(rooms.options, record, rooms.host.bootId)
  if (healthTimer) rooms.state.containers.setStatus(record.id, { ...record.status, healthTimer })
}

/** The runtime's `start`. A container whose program cannot be run is released again. */
export async function runPrepared(
  rooms: StartRooms,
  record: ContainerRecord,
  call: Call = {},
): Promise<ContainerRecord> {
  try {
    await runtimeOf(rooms, record).start(record.id, call)
  } catch (error) {
    await releaseContainer(rooms, record)
    rooms.state.containers.setStatus(record.id, {
      state: 'exited',
      restarts: record.status.restarts,
      exitCode: -1,
      finishedAt: Date.now(),
      error: error instanceof Error ? error.message : String(error),
    })
    throw error
  }
  return nowRunning(rooms, record, 'start')
}

/** Its program runs from now on: written down, watched and told. */
export async function nowRunning(
  rooms: StartRooms,
  record: ContainerRecord,
  event: 'start' | 'restore',
): Promise<ContainerRecord> {
  const status = { ...record.status, state: 'running' as const, startedAt: Date.now() }
  rooms.state.containers.setStatus(record.id, status)
  notifyStarted(rooms, record)
  if (activeHealth(record.config.healthcheck)) await keepHealthy(rooms, { ...record, status })
  await rooms.events.write({ type: 'container', status: event, ...subjectOf(record) })
  return { ...record, status }
}
