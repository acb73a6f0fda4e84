import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { removeTree } from '@libpod/storage'
import { MNT_DETACH, SyscallError, umount } from '@libpod/syscall'
import { removeCgroupSoon } from '../host/cgroup-directory.ts'
import { isAlive, killProcess } from '../host/process.ts'
import { cgroupsPath } from '../plan/spec.ts'
import { runtimeOf } from '../runtimes/of-container.ts'
import type { ContainerRecord } from '../state/container.ts'
import { ifGone } from './gone.ts'
import { unmountVolumes } from './mount-volumes.ts'
import { runLastHooks } from './oci-hooks.ts'
import { containerPaths } from './paths.ts'
import { hasOwnNetns, unplug } from './plug.ts'
import type { StartRooms } from './start.ts'
import { endStrays } from './strays.ts'

/**
 * Gives back everything a run of the container held: networks, the runtime's own record, mounts, files of conmon. Every step is
 * safe to repeat, a failing one does not keep the others from being done, and all failures are reported at the end. What is to
 * be done once nothing is mounted any more need not wait for the runtime and the networks: `unmounted` is. How it ended stays
 * written until the next run or the removal, for whoever read the record before the end was in it.
 */
export async function releaseContainer(
  rooms: StartRooms,
  record: ContainerRecord,
  unmounted: () => Promise<void> = async () => {},
): Promise<void> {
  const paths = containerPaths(rooms.options, record.id)
  const failures: unknown[] = []
  const step = async (work: () => unknown): Promise<void> => {
    try {
      await work()
    } catch (error) {
      failures.push(error)
    }
  }
  if (record.status.preparing) endStrays(rooms, record)
  const unplugged = step(() =>
    unplug(rooms, record, { netns: record.status.netns, program: record.status.networkProgram }),
  )
  if (hasOwnNetns(record.config)) await turn() // the network takes longest: its plugins start first
  const forgotten = step(() => runtimeOf(rooms, record).delete(record.id))
  await Promise.all([
    step(() => unmountIfThere(paths.shm)),
    step(() => unmountVolumes(rooms, record)),
    step(() => unmountRoot(rooms, record)),
  ])
  if (failures.length === 0 && !record.status.poststopHooks) await step(unmounted) // those hooks may look at the bundle
  for (const file of ['attach', 'ctl', 'winsz', 'oom']) rmSync(join(paths.bundle, file), { force: true })
  for (const directory of [paths.persistDir, paths.overlays]) removeTree(directory)
  await Promise.all([forgotten, unplugged])
  // A runtime that lost track of its container leaves the process, which nobody else would end.
  await step(
    () => isAlive(record.status.process, rooms.host.bootId) && killProcess(record.status.process, rooms.host.bootId),
  )
  await step(() => runLastHooks(rooms, record))
  await removeOwnCgroup(record)
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '))
}

/** A runtime that was killed leaves its container's, and one gives up on it when a killed process is not reaped yet. */
export async function removeOwnCgroup(record: ContainerRecord): Promise<void> {
  const group = cgroupsPath(record)
  if (group !== '' && record.config.cgroupManager === 'cgroupfs') await removeCgroupSoon(group)
}

function unmountIfThere(path: string): void {
  try {
    umount(path, MNT_DETACH)
  } catch (error) {
    if (!(error instanceof SyscallError) || (error.code !== 'EINVAL' && error.code !== 'ENOENT')) throw error
  }
}

async function unmountRoot(rooms: StartRooms, { id, config, status }: ContainerRecord): Promise<void> {
  if ((!status.mountPoint && !status.preparing) || config.spec.rootfs?.overlay === 'none') return
  if (config.spec.rootfs) return unmountIfThere(join(containerPaths(rooms.options, id).overlays, 'rootfs', 'merged'))
  const store = await rooms.store()
  await store.containers.unmount(id).catch(ifGone) // a removal that was cut off had come that far
}
