import type { Rooms } from '../rooms.ts'
import type { ContainerId } from './containers.ts'
import { withContainer } from './lock.ts'

type DiskRooms = Pick<Rooms, 'options' | 'state' | 'store'>

/** Mounts the root file system for the caller; counted, until {@link unmountContainer}. */
export async function mountContainer(rooms: DiskRooms, name: string): Promise<string> {
  const { id } = rooms.state.containers.find(name)
  return withContainer(rooms, id, async () => (await rooms.store()).containers.mount(id))
}

export async function unmountContainer(rooms: DiskRooms, name: string, how: 'once' | 'force'): Promise<void> {
  const { id } = rooms.state.containers.find(name)
  await withContainer(rooms, id, async () => (await rooms.store()).containers.unmount(id, how))
}

/** The containers whose root is mounted, with its place. */
export async function mountedContainers(
  rooms: DiskRooms,
): Promise<readonly { readonly id: ContainerId; readonly name: string; readonly path: string }[]> {
  const store = await rooms.store()
  const found = await Promise.all(
    rooms.state.containers.all().map(async ({ id, name }) => {
      const layer = (await store.containers.get(id))?.layer
      const mounted = layer ? await store.layers.mountCount(layer) : 0
      return mounted > 0 && layer ? [{ id, name, path: `${store.graphRoot}/overlay/${layer}/merged` }] : []
    }),
  )
  return found.flat()
}

/** What the container changed against its image. */
export async function containerChanges(
  rooms: DiskRooms,
  name: string,
): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]> {
  const layer = await layerOf(rooms, name)
  const store = await rooms.store()
  const kinds = { added: 'A', modified: 'C', deleted: 'D' } as const
  const changes = await Array.fromAsync(store.layers.changes(layer), ({ kind, path }) => ({ kind: kinds[kind], path }))
  return changes.filter(({ path }) => !startingPoints.has(path))
}

/** What the runtime makes to mount the engine's own files on: nothing that the container did. */
const startingPoints: ReadonlySet<string> = new Set([
  '/dev',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/mtab',
  '/etc/resolv.conf',
  '/proc',
  '/run',
  '/run/.containerenv',
  '/run/notify',
  '/run/podman-init',
  '/run/secrets',
  '/sys',
])

/** The whole root file system as a tar. */
export async function* exportContainer(rooms: DiskRooms, name: string): AsyncGenerator<Uint8Array> {
  const { packTree } = await import('@libpod/storage')
  const path = await mountContainer(rooms, name)
  try {
    yield* packTree(path, {})
  } finally {
    await unmountContainer(rooms, name, 'once')
  }
}

async function layerOf(rooms: DiskRooms, name: string): Promise<string> {
  const { id } = rooms.state.containers.find(name)
  const record = await (await rooms.store()).containers.get(id)
  return record?.layer ?? ''
}
