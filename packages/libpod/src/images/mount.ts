import type { ImageRecord } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'

/** Mounts an image read-only, counted. The path of its tree. @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID */
export async function mountImage(rooms: ImageRooms, name: string): Promise<string> {
  const { record } = await locateImage(rooms, name)
  const store = await rooms.store()
  const path = await store.layers.mount(topLayer(record), { access: 'read-only' })
  await rooms.events.write({ type: 'image', status: 'mount', id: record.id, name })
  return path
}

/** Counts down, or to zero by force; what is not mounted stays so. @throws LibpodError IMAGE_UNKNOWN */
export async function unmountImage(
  rooms: ImageRooms,
  name: string,
  how: 'once' | 'force',
): Promise<'unmounted' | 'not-mounted'> {
  const { record } = await locateImage(rooms, name)
  const store = await rooms.store()
  if ((await store.layers.mountCount(topLayer(record))) === 0) return 'not-mounted'
  await store.layers.unmount(topLayer(record), how)
  await rooms.events.write({ type: 'image', status: 'unmount', id: record.id, name })
  return 'unmounted'
}

/** @throws LibpodError IMAGE_INVALID */
export function topLayer(image: ImageRecord): string {
  if (image.layer !== undefined) return image.layer
  throw new LibpodError('IMAGE_INVALID', `image ${image.id} has no layer to mount`, { subject: image.id })
}

/** Every image that is mounted, and where. */
export async function mountedImages(rooms: ImageRooms) {
  const store = await rooms.store()
  const mounted: { readonly id: string; readonly repositories: readonly string[]; readonly path: string }[] = []
  for (const image of await store.images.list()) {
    const path = image.layer === undefined ? undefined : await store.layers.mountedAt(image.layer)
    if (path !== undefined) mounted.push({ id: image.id, repositories: image.names, path })
  }
  return mounted
}
