import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord } from '../state/container.ts'
import { neededBy } from '../state/containers.ts'
import { refuseImageStorage } from '../volumes/image.ts'
import type { ContainerId, Filters, PruneResult, RemovedContainer, RemoveOptions } from './containers.ts'
import { removeCidFile, subjectOf } from './create.ts'
import { ifGone } from './gone.ts'
import { isRunning } from './liveness.ts'
import { withContainer } from './lock.ts'
import { containerPaths } from './paths.ts'
import { podOutlived } from './pod-outlived.ts'
import { recordEnd } from './record-end.ts'
import type { StartRooms } from './start.ts'
import { stopProcess } from './stop-process.ts'

export type RemoveRooms = StartRooms & Pick<Rooms, 'images' | 'volumes'>

/** Removes a container and, when asked, what runs and what depends on it. */
export async function removeContainer(
  rooms: RemoveRooms,
  name: string,
  options: RemoveOptions & Call = {},
): Promise<RemovedContainer> {
  const id = idOf(rooms, name)
  if (id === undefined) return removeExternal(rooms, name, options)
  const found = rooms.state.containers.byId(id)
  const { podId, infra, spec } = found?.config ?? {}
  const ran = found && options.pod !== 'leave' && isRunning(rooms, found)
  if (infra === 'yes' && podId !== undefined && options.dependents !== 'remove') throw holdsPod(id, podId)
  const ofPods = spec?.service ? await (await import('../pods/services.ts')).removePodsOf(rooms, id, options) : []
  // With the last of its pods a service goes by itself.
  if (ofPods.length > 0 && !rooms.state.containers.byId(id)) return { id, alsoRemoved: ofPods }
  const alsoRemoved = [...ofPods, ...(await removeWithDependents(rooms, id, options))]
  if (infra === 'yes' && podId !== undefined) await (await import('../pods/remove.ts')).forgetPod(rooms, podId)
  else if (ran) await podOutlived(rooms, found)
  return { id, alsoRemoved }
}

/** What needs it may be made until it begins to be removed. The ids of those that went first. */
async function removeWithDependents(
  rooms: RemoveRooms,
  id: ContainerId,
  options: RemoveOptions & Call,
): Promise<readonly ContainerId[]> {
  const alsoRemoved = await removeDependents(rooms, id, options)
  try {
    await (options.running === 'kill' ? killAndRemove : removeIdle)(rooms, id, options)
    return alsoRemoved
  } catch (error) {
    if (!isNeeded(error) || options.dependents !== 'remove') throw error
    return [...alsoRemoved, ...(await removeWithDependents(rooms, id, options))]
  }
}

/** Whether an error says that other containers need this one. */
export const isNeeded = (error: unknown): boolean => (error as { code?: unknown }).code === 'CONTAINER_IN_USE'

async function removeIdle(rooms: RemoveRooms, id: ContainerId, options: RemoveOptions & Call): Promise<void> {
  const remove = async (record: ContainerRecord): Promise<void> => {
    if (isRunning(rooms, record) && record.status.state !== 'initialized') throw stillRunning(record)
    await removeStopped(rooms, record, options)
  }
  await withContainer(rooms, id, remove, options.signal)
}

/** Again when somebody started it between the two; another process, such as its own clean-up, may be faster. */
async function killAndRemove(rooms: RemoveRooms, id: ContainerId, options: RemoveOptions & Call): Promise<void> {
  try {
    await stopProcess(rooms, id, options)
    await removeIdle(rooms, id, options)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'CONTAINER_RUNNING') return killAndRemove(rooms, id, options)
    ifGone(error)
  }
}

const holdsPod = (id: string, podId: string): LibpodError =>
  new LibpodError(
    'CONTAINER_IN_USE',
    `container ${id} is the infra container of pod ${podId} and cannot be removed without removing the pod`,
    { subject: id },
  )

function idOf({ state }: RemoveRooms, name: string): ContainerId | undefined {
  try {
    return state.containers.find(name).id
  } catch (error) {
    ifGone(error)
    return undefined
  }
}

/** A container that only the store knows: another tool's. @throws LibpodError CONTAINER_UNKNOWN, CONTAINER_STATE */
async function removeExternal(rooms: RemoveRooms, name: string, options: RemoveOptions): Promise<RemovedContainer> {
  const store = await rooms.store()
  const container = await store.containers.get(name)
  if (!container)
    throw new LibpodError('CONTAINER_UNKNOWN', `no container with ID or name "${name}" found: no such container`, {
      subject: name,
    })
  await refuseImageStorage(rooms, container.id, name)
  if (options.running !== 'kill' && (await store.layers.mountCount(container.layer)) > 0)
    throw new LibpodError(
      'CONTAINER_STATE',
      `container ${container.id} is mounted and cannot be removed without using force: container state improper`,
      { subject: name },
    )
  await store.containers.remove(container.id)
  return { id: container.id as ContainerId, alsoRemoved: [] }
}

const stillRunning = ({ id, name, status }: ContainerRecord): LibpodError =>
  new LibpodError(
    'CONTAINER_RUNNING',
    `cannot remove container ${id} as it is ${status.state} - running or paused containers cannot be removed without force: container state improper`,
    { subject: name },
  )

async function removeDependents(
  rooms: RemoveRooms,
  id: ContainerId,
  options: RemoveOptions,
): Promise<readonly ContainerId[]> {
  const dependents = rooms.state.containers.dependentsOf(id)
  if (dependents.length === 0) return []
  if (options.dependents !== 'remove') throw neededBy(id, dependents)
  const removed: ContainerId[] = []
  for (const dependent of dependents) {
    const { alsoRemoved } = await removeContainer(rooms, dependent, options)
    removed.push(...alsoRemoved, dependent)
  }
  return removed
}

/**
 * Removes a container that does not run, in steps that can be taken again: mark, release, layer, record.
 * @throws LibpodError CONTAINER_IN_USE
 */
export async function removeStopped(
  rooms: RemoveRooms,
  record: ContainerRecord,
  options: Pick<RemoveOptions, 'volumes' | 'running' | 'onWarning'>,
): Promise<void> {
  const found = rooms.state.containers.byId(record.id) ?? record
  let layer: 'there' | 'removed' = 'there'
  const removeLayer = async (): Promise<void> => {
    if (layer === 'removed') return
    const store = await rooms.store()
    await store.containers.remove(record.id).catch(ifGone)
    layer = 'removed'
  }
  rooms.state.containers.setRemoving(record.id, found.status)
  const ended = await recordEnd(rooms, found, removeLayer).catch(error => {
    if (options.running !== 'kill') {
      if (layer === 'there') rooms.state.containers.setStatus(record.id, found.status)
      throw error
    }
    options.onWarning?.(error instanceof Error ? error.message : String(error)) // a broken runtime keeps nobody's disk
    return found
  })
  await removeLayer()
  rooms.state.containers.delete(record.id, ended.status.exitCode ?? 0)
  const anonymous =
    options.volumes === 'remove-anonymous' ? record.config.volumes.filter(volume => volume.anonymous === 'yes') : []
  for (const { name } of anonymous) await rooms.volumes.remove(name).catch(() => undefined)
  await removeCidFile(record)
  const { exitDir, lock } = containerPaths(rooms.options, record.id)
  for (const file of [join(exitDir, record.id), lock]) rmSync(file, { force: true })
  const { exitCode } = ended.status
  await rooms.events.write({
    type: 'container',
    status: 'remove',
    ...(exitCode === undefined ? {} : { containerExitCode: exitCode }),
    ...subjectOf(record),
  })
}

/** Removes the image of a container that is gone, unless others use it or somebody was faster. */
export async function removeImageOf({ images }: RemoveRooms, { config }: ContainerRecord): Promise<void> {
  if (config.imageId) await images.remove([config.imageName || config.imageId], { missing: 'ignore' })
}

/** Removes every container that does not run, belongs to no pod and passes the filters. */
export async function pruneContainers(
  rooms: RemoveRooms & Pick<Rooms, 'containers'>,
  filters: Filters = {},
): Promise<readonly PruneResult[]> {
  const states = new Set(['created', 'exited', 'stopped'])
  const all = await rooms.containers.list({ which: 'all', filters, size: 'yes' })
  const candidates = all.filter(({ state, pod }) => states.has(state) && pod === undefined)
  const results: PruneResult[] = []
  for (const { id, size } of candidates) {
    try {
      await removeContainer(rooms, id)
      results.push({ id, size: size?.rw ?? 0 })
    } catch (error) {
      // It went meanwhile, by itself or otherwise: nothing is wrong with that.
      if ((error as { code?: unknown }).code !== 'CONTAINER_UNKNOWN')
        results.push({ id, size: 0, error: error as Error })
    }
  }
  return results
}
