import { emptyTree } from '@libpod/storage'
import { unmountBelow } from '../host/mounts.ts'
import type { ImageWarning } from '../images/images.ts'
import { endPause } from '../rootless/pause-process.ts'
import type { Call } from '../spec/call.ts'
import type { SystemRooms } from './rooms.ts'

/** Removes everything of this root: what cannot be removed in order goes with the directories at the end. */
export async function resetSystem(rooms: SystemRooms, call: Call<ImageWarning> = {}): Promise<void> {
  const { options } = rooms
  const quietly = async (work: () => Promise<unknown>): Promise<void> => {
    call.signal?.throwIfAborted()
    await work().catch(() => undefined)
  }
  for (const pod of await rooms.pods.list())
    await quietly(() => rooms.pods.remove(pod.id, { running: 'kill', timeout: 0 }))
  for (const { id } of await rooms.containers.list({ which: 'all' })) {
    await quietly(() =>
      rooms.containers.remove(id, { running: 'kill', dependents: 'remove', volumes: 'remove-anonymous', timeout: 0 }),
    )
  }
  // Its file goes with the directories.
  if (options.rootless === 'yes') endPause()
  const store = await rooms.store()
  for (const { id } of await store.containers.list()) await quietly(() => store.containers.remove(id))
  await quietly(() => rooms.images.remove([], { ...call, which: 'all', inUse: 'remove-containers' }))
  for (const { name } of await rooms.volumes.list())
    await quietly(() => rooms.volumes.remove(name, { users: 'remove', timeout: 0 }))
  await quietly(() => rooms.networks.prune())
  for (const { id } of await rooms.secrets.list()) await quietly(() => rooms.secrets.remove(id))
  await store.close()
  for (const directory of [options.volumePath, options.tmpDir, options.root, options.runRoot]) {
    unmountBelow(directory)
    emptyTree(directory)
  }
}
