import type { Store } from '@libpod/storage'
import { tellChanges } from '../images/differences.ts'
import type { Rooms } from '../rooms.ts'
import type { Call } from '../spec/call.ts'
import type { ContainerId } from './containers.ts'
import { withContainer } from './lock.ts'

type DiskRooms = Pick<Rooms, 'options' | 'state' | 'store'>

/** Mounts the root file system for the caller, also of another tool's container; counted, until {@link unmountContainer}. */
export async function mountContainer(rooms: DiskRooms, name: string): Promise<string> {
  const store = await rooms.store()
  const { id, owner } = await anyContainer(rooms, store, name)
  if (owner === 'other') return await store.containers.mount(id)
  return withContainer(rooms, id, () => store.containers.mount(id))
}

export async function unmountContainer(rooms: DiskRooms, name: string, how: 'once' | 'force'): Promise<void> {
  const store = await rooms.store()
  const { id, owner } = await anyContainer(rooms, store, name)
  if (owner === 'other') await store.containers.unmount(id, how)
  else await withContainer(rooms, id, () => store.containers.unmount(id, how))
}

/** One of ours, else one that only the store knows. @throws LibpodError CONTAINER_UNKNOWN */
async function anyContainer(
  rooms: DiskRooms,
  store: Store,
  name: string,
): Promise<{ readonly id: ContainerId; readonly owner: 'engine' | 'other' }> {
  try {
    return { id: rooms.state.containers.find(name).id, owner: 'engine' }
  } catch (error) {
    const other = await store.containers.get(name)
    if (other === undefined || (error as { readonly code?: string }).code !== 'CONTAINER_UNKNOWN') throw error
    return { id: other.id as ContainerId, owner: 'other' }
  }
}

/** The containers whose root is mounted, with its place; other tools' too. */
export async function mountedContainers(
  rooms: DiskRooms,
): Promise<readonly { readonly id: ContainerId; readonly name: string; readonly path: string }[]> {
  const store = await rooms.store()
  const found = await Promise.all(
    (await store.containers.list()).map(async ({ id, names, layer }) => {
      const path = await store.layers.mountedAt(layer)
      return path === undefined ? [] : [{ id: id as ContainerId, name: names[0] ?? '', path }]
    }),
  )
  return found.flat()
}

/** What the container changed against its image. */
export async function containerChanges(
  rooms: DiskRooms,
  name: string,
  { signal }: Call = {},
): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]> {
  const layer = await layerOf(rooms, name)
  return await tellChanges((await rooms.store()).layers.changes(layer, undefined, signal && { signal }))
}

/** The whole root file system as a tar. */
export async function* exportContainer(
  rooms: DiskRooms,
  name: string,
  { signal }: Call = {},
): AsyncGenerator<Uint8Array> {
  const { packTree } = await import('@libpod/storage')
  const path = await mountContainer(rooms, name)
  try {
    for await (const piece of packTree(path, {})) {
      signal?.throwIfAborted()
      yield piece
    }
  } finally {
    await unmountContainer(rooms, name, 'once')
  }
}

async function layerOf(rooms: DiskRooms, name: string): Promise<string> {
  const { id } = rooms.state.containers.find(name)
  const record = await (await rooms.store()).containers.get(id)
  return record?.layer ?? ''
}
