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

/** Counts down, or to zero by force. @throws LibpodError IMAGE_UNKNOWN */
export async function unmountImage(rooms: ImageRooms, name: string, how: 'once' | 'force'): Promise<void> {
  const { record } = await locateImage(rooms, name)
  const store = await rooms.store()
  if ((await store.layers.mountCount(topLayer(record))) === 0) {
    if (how === 'force') return
    throw new LibpodError('IMAGE_INVALID', `image ${record.id} is not mounted: layer is not mounted`, {
      subject: record.id,
    })
  }
  await store.layers.unmount(topLayer(record), how)
  await rooms.events.write({ type: 'image', status: 'unmount', id: record.id, name })
}

function topLayer(image: ImageRecord): string {
  if (image.layer !== undefined) return image.layer
  throw new LibpodError('IMAGE_INVALID', `image ${image.id} has no layer to mount`, { subject: image.id })
}

/** Every image that is mounted, and where. */
export async function mountedImages(rooms: ImageRooms) {
  const store = await rooms.store()
  const mounted: { readonly id: string; readonly repositories: readonly string[]; readonly path: string }[] = []
  for (const image of await store.images.list()) {
    if (image.layer === undefined || (await store.layers.mountCount(image.layer)) === 0) continue
    // Only mounting tells the path: one count more, and back.
    const path = await store.layers.mount(image.layer, { access: 'read-only' })
    await store.layers.unmount(image.layer, 'once')
    mounted.push({ id: image.id, repositories: image.names, path })
  }
  return mounted
}
