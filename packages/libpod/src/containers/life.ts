import { LibpodError } from '../errors.ts'
import { identify } from '../host/process.ts'
import type { Rooms } from '../rooms.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerRecord, ContainerStatus } from '../state/container.ts'
import type { ContainerState, StopOptions } from './containers.ts'
import { subjectOf } from './create.ts'
import { ifGone } from './gone.ts'
import { currentStatus } from './liveness.ts'
import { withContainer } from './lock.ts'
import { checkName } from './names.ts'
import { recordEnd } from './record-end.ts'
import type { RemoveRooms } from './remove.ts'
import { initialized, runDetached, type StartRooms } from './start.ts'
import { type StopHow, stopProcess } from './stop-process.ts'

/** Stops it when it runs, and starts it; whoever stops or starts it meanwhile has the last word. */
export async function restartContainer(
  rooms: RemoveRooms,
  name: string,
  options: StopOptions & Pick<StopHow, 'onlyRun'> & Call = {},
): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  const restarter = identify(process.pid, rooms.host.bootId)
  try {
    await stopProcess(rooms, id, { ...options, restarter })
    await withContainer(rooms, id, record => startAgain(rooms, record, options), options.signal)
  } catch (error) {
    await withContainer(rooms, id, record => leave(rooms, record)).catch(ifGone)
    throw error
  }
}

async function startAgain(rooms: RemoveRooms, record: ContainerRecord, options: Call): Promise<void> {
  if (!isRestarting(record.status)) return
  const ended = await recordEnd(rooms, record)
  await runDetached(rooms, await initialized(rooms, ended, options), options)
  await rooms.events.write({ type: 'container', status: 'restart', ...subjectOf(record) })
}

const isRestarting = ({ restarter }: ContainerStatus): boolean => restarter?.pid === process.pid

/** It is not going to be started: to be cleaned up by whoever comes by. */
function leave({ state }: RemoveRooms, { id, status }: ContainerRecord): void {
  const { restarter: _, ...left } = status
  if (isRestarting(status)) state.containers.setStatus(id, left)
}

/** Freezes its processes. @throws LibpodError CONTAINER_STATE */
export const pauseContainer = (rooms: StartRooms, name: string): Promise<void> =>
  freeze(rooms, name, { from: 'running', to: 'paused' })

/** Lets them go on. @throws LibpodError CONTAINER_STATE */
export const unpauseContainer = (rooms: StartRooms, name: string): Promise<void> =>
  freeze(rooms, name, { from: 'paused', to: 'running' })

async function freeze(
  rooms: StartRooms,
  name: string,
  { from, to }: { readonly from: ContainerState; readonly to: 'paused' | 'running' },
): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  await withContainer(rooms, id, async record => {
    const { state } = currentStatus(rooms, record)
    if (state !== from) {
      const cannotPause = state === 'paused' ? `"${id}" is already paused` : `"${state}" is not running, can't pause`
      const reason = to === 'paused' ? cannotPause : `"${id}" is not paused, can't unpause`
      throw new LibpodError('CONTAINER_STATE', `${reason}: container state improper`, { subject: record.name })
    }
    if (record.config.spec.resources?.cgroups === 'disabled')
      throw new LibpodError(
        'CONTAINER_STATE',
        `cannot ${to === 'paused' ? 'pause' : 'unpause'} without using Cgroups: this container does not have a cgroup`,
        { subject: record.name },
      )
    if (record.config.ownCgroup === 'no')
      throw new LibpodError(
        'CONTAINER_STATE',
        `can not ${to === 'paused' ? 'pause' : 'unpause'} containers on rootless containers with cgroup ${rooms.host.cgroups === 'v2' ? 'V2 without systemd' : 'V1'}: this container does not have a cgroup`,
        { subject: record.name },
      )
    await (to === 'paused' ? runtimeOf(rooms, record).pause(id) : runtimeOf(rooms, record).resume(id))
    rooms.state.containers.setStatus(id, { ...record.status, state: to })
    await rooms.events.write({ type: 'container', status: to === 'paused' ? 'pause' : 'unpause', ...subjectOf(record) })
  })
}

/** Gives it another name, in the shared store too. @throws LibpodError NAME_IN_USE, NAME_INVALID */
export async function renameContainer(
  rooms: Pick<Rooms, 'options' | 'state' | 'store' | 'events'>,
  name: string,
  newName: string,
): Promise<void> {
  const { id, name: oldName } = rooms.state.containers.find(name)
  checkName(newName)
  if (newName === oldName) return
  await withContainer(rooms, id, async record => {
    rooms.state.containers.rename(id, newName)
    const store = await rooms.store()
    await store.containers.setNames(id, [newName])
    await rooms.events.write({ type: 'container', status: 'rename', ...subjectOf({ ...record, name: newName }) })
  })
}
