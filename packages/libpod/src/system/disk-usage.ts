import { type Catalog, readCatalog } from '../images/catalog.ts'
import { tryParse } from '../images/names.ts'
import type { Call } from '../spec/call.ts'
import { directorySize } from '../volumes/size.ts'
import type { SystemRooms } from './rooms.ts'
import type { DiskUsage } from './system.ts'

/** What `podman system df -v` shows: sizes in bytes. */
export async function diskUsage(rooms: SystemRooms, { signal }: Call = {}): Promise<DiskUsage> {
  const store = await rooms.store()
  const [catalog, containers, volumes] = await Promise.all([
    readCatalog(store),
    rooms.containers.list({ which: 'all', size: 'yes', ...(signal && { signal }) }),
    rooms.volumes.list(),
  ])
  const links = (name: string): number => rooms.state.containers.usersOfVolume(name).length
  return {
    images: await imageUsage(catalog, containers),
    containers: containers.map(({ id, imageId, command, mounts, size, created, state, names }) => ({
      id,
      image: imageId,
      command,
      localVolumes: mounts.length,
      size: size?.rootFs ?? 0,
      rwSize: size?.rw ?? 0,
      created,
      state,
      name: names[0] ?? '',
    })),
    volumes: volumes.map(({ name, mountPoint }) => {
      const size = directorySize(mountPoint)
      return { name, links: links(name), size, reclaimable: links(name) === 0 ? size : 0 }
    }),
    imagesSize: totalSize(catalog),
  }
}

async function imageUsage(
  catalog: Catalog,
  containers: readonly { readonly imageId: string }[],
): Promise<DiskUsage['images']> {
  const uses = new Map<string, number>()
  for (const image of catalog.images) {
    for (const { id } of catalog.chain(image)) uses.set(id, (uses.get(id) ?? 0) + 1)
  }
  return catalog.images.flatMap(image => {
    const shared = catalog.chain(image).filter(({ id }) => (uses.get(id) ?? 0) > 1)
    const sharedSize = shared.reduce((sum, layer) => sum + Math.max(layer.diffSize ?? 0, 0), 0)
    const size = catalog.size(image)
    const usage = {
      id: image.id,
      created: Date.parse(image.created),
      size,
      sharedSize,
      uniqueSize: size - sharedSize,
      containers: containers.filter(({ imageId }) => imageId === image.id).length,
    }
    const names = image.names.map(tryParse).filter(name => name !== undefined)
    if (names.length === 0) return [{ repository: '<none>', tag: '<none>', ...usage }]
    return names.map(({ domain, path, tag }) => ({
      repository: `${domain}/${path}`,
      tag: tag ?? '<none>',
      ...usage,
    }))
  })
}

/** Every layer of an image once, and the documents. */
function totalSize(catalog: Catalog): number {
  const layers = new Map(catalog.images.flatMap(image => catalog.chain(image)).map(layer => [layer.id, layer]))
  const documents = catalog.images
    .flatMap(image => Object.values(image.bigDataSizes))
    .reduce((sum, size) => sum + size, 0)
  return [...layers.values()].reduce((sum, layer) => sum + Math.max(layer.diffSize ?? 0, 0), documents)
}
