import { join } from 'node:path'
import type { Call } from '../call.ts'
import { layerChain } from '../layers/find.ts'
import { mountLayer, unmountLayer } from '../layers/mounts.ts'
import { readBigData } from '../records/big-data.ts'
import { toContainer } from '../records/convert.ts'
import type { StoredContainer } from '../records/stored.ts'
import type { Room } from '../room.ts'
import type { ContainerSize, StorageContainers } from './containers.ts'
import { createContainer, userDirectories } from './create.ts'
import { findContainer, needContainer, setBigData, setMetadata, setNames } from './edit.ts'
import { containerRemovals } from './remove.ts'

/** The containers of a store; reading takes no lock. */
export function containersOf(room: Room): StorageContainers {
  const read = (id: string) => needContainer(room.containers.table.read(), id)
  return {
    create: (as, call) => createContainer(room, as, call),
    get: async text => {
      const found = findContainer(room.containers.table.read(), text)
      return found && toContainer(found)
    },
    list: async () => room.containers.table.read().map(toContainer),
    directory: id => userDirectories(room, id)[0],
    runDirectory: id => userDirectories(room, id)[1],
    mount: async (id, call) => {
      const { layer, flags = {} } = read(id)
      const volatile = flags.Volatile === true ? 'yes' : 'no'
      const label = flags.MountLabel
      return await mountLayer(room, layer, {
        ...call,
        volatile,
        options: flags.MountOpts ?? [],
        ...(label && { label }),
      })
    },
    unmount: async (id, how) => await unmountLayer(room, read(id).layer, how),
    setNames: (id, names) => setNames(room, id, names),
    setMetadata: (id, metadata) => setMetadata(room, id, metadata),
    bigData: async (id, key) => readBigData(join(room.containers.directory, read(id).id), key),
    setBigData: (id, item) => setBigData(room, id, item),
    size: async (id, call) => await containerSize(room, read(id), call),
    remove: containerRemovals(room),
  }
}

/** What the container wrote and what its maker keeps beside it, and that with every layer below. */
async function containerSize(
  room: Room,
  { id, layer }: StoredContainer,
  call: Pick<Call, 'signal'> = {},
): Promise<ContainerSize> {
  const [{ layerSize }, { treeSize }] = await Promise.all([
    import('../layers/size.ts'),
    import('../rooted/tree-size.ts'),
  ])
  const beside = await Promise.all(userDirectories(room, id).map(path => treeSize(path, call)))
  const [own = 0, ...below] = await Promise.all(layerChain(room, layer).map(each => layerSize(room, each.id, call)))
  const written = beside.reduce((sum, size) => sum + size, own)
  return { written, total: below.reduce((sum, size) => sum + size, written) }
}
