import { readExit, readOom } from '@libpod/conmon'
import { isAlive } from '../host/process.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import { type ContainerPaths, containerPaths } from './paths.ts'

type Place = Pick<Rooms, 'options' | 'host'>

const living = new Set(['initialized', 'running', 'paused', 'stopping'])

/**
 * The container's status as it is now: what the record says, corrected by what can be seen of its process and its exit file.
 * Takes no lock, runs nothing and writes nothing.
 */
export function currentStatus(place: Place, record: ContainerRecord): ContainerStatus {
  const { status } = record
  if (!living.has(status.state) || isAlive(status.process, place.host.bootId)) return status
  return endedStatus(status, containerPaths(place.options, record.id), place.host.bootId)
}

/** A process that is gone: exited with what conmon wrote down, or, after a boot or a killed conmon, with nobody knows what. */
function endedStatus(status: ContainerStatus, paths: ContainerPaths, bootId: string): ContainerStatus {
  if (status.state === 'initialized' && status.process?.bootId !== bootId) return { ...status, state: 'created' }
  const exit = readExit(paths.exitDir, idOf(paths))
  return {
    ...status,
    state: 'stopped',
    exitCode: exit === undefined || exit.code === 'unknown' ? -1 : exit.code,
    finishedAt: exit?.finishedAt.getTime() ?? status.startedAt ?? Date.now(),
    oomKilled: readOom(paths.persistDir, paths.bundle) ? 'yes' : 'no',
  }
}

const idOf = ({ persistDir }: ContainerPaths): string => persistDir.slice(persistDir.lastIndexOf('/') + 1)

/** Whether its process runs, paused or not. */
export const isRunning = (place: Place, record: ContainerRecord): boolean =>
  living.has(record.status.state) && isAlive(record.status.process, place.host.bootId)
