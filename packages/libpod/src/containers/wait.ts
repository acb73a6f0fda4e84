import { setTimeout as delay } from 'node:timers/promises'
import { waitExit } from '@libpod/conmon'
import { LibpodError } from '../errors.ts'
import { isAlive } from '../host/process.ts'
import { activeHealth } from '../plan/health.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import type { Exit, WaitCondition } from './containers.ts'
import { readHealth } from './health-log.ts'
import { currentStatus } from './liveness.ts'
import { containerPaths } from './paths.ts'

type WaitRooms = Pick<Rooms, 'options' | 'state' | 'host'>

/** The exit code of the run that is going on, as soon as conmon has written it. */
export async function waitForExit(rooms: WaitRooms, record: ContainerRecord, signal?: AbortSignal): Promise<number> {
  const { exitDir } = containerPaths(rooms.options, record.id)
  const over = new AbortController()
  const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  const monitor = record.status.monitor
  const written = waitExit(exitDir, record.id, { signal: both, ...(monitor ? { monitor: monitor.pid } : {}) }).then(
    ({ code }) => code,
  )
  const recorded = recordedExit(rooms, record, both)
  try {
    const code = await Promise.race([written, recorded])
    if (code !== 'unknown') return code
    return known(rooms, record) ?? -1
  } finally {
    over.abort()
    await Promise.allSettled([written, recorded])
  }
}

/** Somebody else may have cleaned up, and the exit file with it. */
async function recordedExit(rooms: WaitRooms, record: ContainerRecord, signal: AbortSignal): Promise<number> {
  for (;;) {
    await delay(200, undefined, { signal })
    const code = known(rooms, record)
    if (code !== undefined) return code
  }
}

function known(rooms: WaitRooms, { id, status: { startedAt } }: ContainerRecord): number | undefined {
  const now = rooms.state.containers.byId(id)
  if (!now) return rooms.state.containers.exitCodeOfRemoved(id) ?? -1
  const ended = now.status.state === 'exited' || now.status.state === 'stopped'
  return ended && (startedAt === undefined || (now.status.finishedAt ?? 0) >= startedAt)
    ? (now.status.exitCode ?? -1)
    : undefined
}

const usual: readonly WaitCondition[] = ['stopped', 'exited']

/** Waits until a container meets one of the conditions. @throws LibpodError CONTAINER_UNKNOWN */
export async function waitContainer(
  rooms: WaitRooms,
  name: string,
  conditions: readonly WaitCondition[] = usual,
  options: { readonly intervalMs?: number } & Call = {},
): Promise<Exit> {
  const { id, config } = rooms.state.containers.find(name)
  const healthWanted = conditions.filter(condition => condition === 'healthy' || condition === 'unhealthy')
  if (healthWanted.length > 0 && !activeHealth(config.healthcheck))
    throw new LibpodError(
      'HEALTHCHECK_UNDEFINED',
      `cannot use condition "${healthWanted[0]}": container ${id} has no healthcheck`,
      { subject: name },
    )
  const wanted = new Set(conditions.flatMap(condition => synonyms[condition] ?? [condition]))
  for (;;) {
    const record = rooms.state.containers.byId(id)
    if (!record) return { code: rooms.state.containers.exitCodeOfRemoved(id) ?? -1, oomKilled: 'no' }
    const status = currentStatus(rooms, record)
    // What never ran does not run: there is nothing to wait for (podman-wait(1)).
    if (conditions === usual && status.state === 'created') return { code: 0, oomKilled: 'no' }
    if (wanted.has(status.state) && !toBeWritten(rooms, record, status))
      return {
        code: status.exitCode ?? -1,
        oomKilled: status.oomKilled ?? 'no',
        ...(status.finishedAt ? { at: status.finishedAt } : {}),
      }
    if (healthWanted.length > 0) {
      if (healthWanted.some(wish => wish === readHealth(rooms.options, record).Status))
        return { code: -1, oomKilled: 'no' }
      if (status.state === 'exited' || status.state === 'stopped')
        throw new LibpodError('CONTAINER_STATE', 'container is stopped', { subject: record.name })
    }
    await nextChange(rooms, record, options)
  }
}

/** The process is gone, and conmon has yet to write with what code. */
function toBeWritten({ host }: WaitRooms, record: ContainerRecord, { state, exitCode }: ContainerStatus): boolean {
  return state !== record.status.state && exitCode === -1 && isAlive(record.status.monitor, host.bootId)
}

const synonyms: Partial<Record<WaitCondition, readonly WaitCondition[]>> = {
  exited: ['exited', 'stopped'],
  stopped: ['exited', 'stopped'],
  configured: ['created'],
  created: ['created', 'initialized'],
}

/** A running container's end is announced by its exit file; everything else is looked for now and then. */
async function nextChange(
  rooms: WaitRooms,
  record: ContainerRecord,
  { intervalMs = 250, signal }: { readonly intervalMs?: number } & Call,
): Promise<void> {
  const over = new AbortController()
  const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  const { exitDir } = containerPaths(rooms.options, record.id)
  const paused = delay(intervalMs, undefined, { signal: both })
  const exited = record.status.state === 'running' ? waitExit(exitDir, record.id, { signal: both }) : paused
  try {
    await Promise.race([paused, exited])
  } finally {
    over.abort()
    await Promise.allSettled([paused, exited])
  }
}
