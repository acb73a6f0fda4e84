import type { DirectoryEntry } from '../containers/containers.ts'
import { entriesInRoot, openRoot } from '../containers/in-root.ts'
import { locateImage } from './lookup.ts'
import { topLayer } from './mount.ts'
import type { ImageRooms } from './rooms.ts'

/** What a directory of an image holds, which is mounted for as long as that takes. @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID */
export async function entriesInImage(
  rooms: ImageRooms,
  name: string,
  path: string,
): Promise<readonly DirectoryEntry[] | undefined> {
  const layer = topLayer((await locateImage(rooms, name)).record)
  const { layers } = await rooms.store()
  const root = await layers.mount(layer, { access: 'read-only' })
  try {
    using opened = openRoot(root)
    return entriesInRoot(opened.fd, path)
  } finally {
    await layers.unmount(layer, 'once')
  }
}
