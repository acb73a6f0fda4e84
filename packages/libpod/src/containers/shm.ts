import { mkdirSync } from 'node:fs'
import type { Mount } from '@libpod/runtime-tools'
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, mount, umount } from '@libpod/syscall'
import { usualShmSize } from '../plan/shm-size.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { giveToRoot } from './mapped-root.ts'
import { containerPaths } from './paths.ts'

type ShmRooms = Pick<Rooms, 'options' | 'state'>

/** /dev/shm of a container: a tmpfs of the host, which outlives the container's own namespaces; the one of whom it joins; or none. */
export function mountShm(rooms: ShmRooms, record: ContainerRecord, undo: AsyncDisposableStack): readonly Mount[] {
  const ipc = ipcOf(record)
  if (ipc.kind === 'none') return []
  if (ipc.kind === 'host' || ipc.kind === 'container') return shmBind(sharedShm(rooms, record), access(record))
  const { shm } = containerPaths(rooms.options, record.id)
  const size = record.config.spec.mounts?.shmSize ?? usualShmSize
  mkdirSync(shm, { recursive: true, mode: 0o700 })
  mount('shm', shm, 'tmpfs', MS_NOEXEC | MS_NOSUID | MS_NODEV, `mode=1777,size=${size}`)
  undo.defer(() => umount(shm))
  giveToRoot(record, shm)
  return shmBind(shm, access(record))
}

const ipcOf = ({ config }: ContainerRecord) => config.spec.security?.namespaces?.ipc ?? ({ kind: 'shareable' } as const)

/** Whoever is joined may have joined another. */
function sharedShm(rooms: ShmRooms, record: ContainerRecord): string | undefined {
  const ipc = ipcOf(record)
  if (ipc.kind === 'host') return '/dev/shm'
  if (ipc.kind === 'container') return sharedShm(rooms, rooms.state.containers.find(ipc.container))
  return ipc.kind === 'none' ? undefined : containerPaths(rooms.options, record.id).shm
}

/** Not writable either where nothing is. */
function access({ config }: ContainerRecord): readonly string[] {
  const { rootfs, readOnlyTmpfs } = config.spec.mounts ?? {}
  return rootfs?.readonly === 'yes' && readOnlyTmpfs === 'no' ? ['ro'] : []
}

function shmBind(source: string | undefined, more: readonly string[]): readonly Mount[] {
  if (source === undefined) return []
  const options = ['bind', 'rprivate', 'nosuid', 'noexec', 'nodev', ...more]
  return [{ destination: '/dev/shm', type: 'bind', source, options }]
}
