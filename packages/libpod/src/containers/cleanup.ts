import { setTimeout as delay } from 'node:timers/promises'
import { isAlive } from '../host/process.ts'
import type { ContainerRecord } from '../state/container.ts'
import type { CleanupOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { isAbandoned } from './lease.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { podOutlived } from './pod-outlived.ts'
import { recordEnd } from './record-end.ts'
import { isNeeded, type RemoveRooms, removeImageOf, removeStopped } from './remove.ts'
import { initialized, runDetached } from './start.ts'

/**
 * Records the end of a container and gives back what it held; whoever comes first does it, the others find it done. A restart
 * policy that applies starts it again instead.
 */
export async function cleanupContainer(rooms: RemoveRooms, name: string, options: CleanupOptions = {}): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  let ended: ContainerRecord | undefined
  await withContainer(rooms, id, async found => {
    if (isRunning(rooms, found) && found.status.state !== 'initialized') await lastMoments(found, rooms.host.bootId)
    if (isRunning(rooms, found) || isAlive(found.status.restarter, rooms.host.bootId)) return
    const abandoned = isAbandoned(found.config, rooms.host.bootId)
    let record = found
    if (!abandoned && mayRestart(found)) {
      record = await recordEnd(rooms, found)
      if (record !== found && mayRestart(record)) return void (await restartPolicy(rooms, record))
    }
    const { afterwards = 'keep' } = options
    if (abandoned || afterwards !== 'keep') await removeUnneeded(rooms, record, afterwards)
    else await recordEnd(rooms, record)
    ended = found
  })
  if (ended) await podOutlived(rooms, ended)
}

/** Those that need it keep it: it has only ended then. */
async function removeUnneeded(
  rooms: RemoveRooms,
  record: ContainerRecord,
  afterwards: CleanupOptions['afterwards'],
): Promise<void> {
  try {
    await removeStopped(rooms, record, { volumes: 'remove-anonymous' })
    if (afterwards === 'remove-with-image') await removeImageOf(rooms, record)
  } catch (error) {
    if (!isNeeded(error)) throw error
    await recordEnd(rooms, record)
  }
}

/** The exit file is written a moment before the process is reaped. */
async function lastMoments({ status }: ContainerRecord, bootId: string): Promise<void> {
  for (let tries = 0; tries < 20 && isAlive(status.process, bootId); tries++) await delay(5)
}

export function mayRestart({ config, status }: ContainerRecord): boolean {
  const policy = config.spec.restart
  if (!policy || policy.name === 'no' || status.stoppedByUser === 'yes') return false
  if (policy.name !== 'on-failure') return true
  return status.exitCode !== 0 && (!policy.maxRetries || status.restarts < policy.maxRetries)
}

async function restartPolicy(rooms: RemoveRooms, record: ContainerRecord): Promise<void> {
  await runDetached(rooms, await initialized(rooms, record, { restarts: record.status.restarts + 1 }))
  await rooms.events.write({ type: 'container', status: 'restart', ...subjectOf(record) })
}
