import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from '../images/document.ts'
import type { ImageRooms } from '../images/rooms.ts'

/**
 * Removes the working containers of a build that was stopped: those whose record names the mounts file that this build alone was
 * given. Other builds go on.
 */
export async function removeLeftovers(rooms: Pick<ImageRooms, 'store'>, mountsFile: string): Promise<void> {
  const store = await rooms.store()
  for (const { id } of await store.containers.list()) {
    if ((await mountsFileOf(store.containers.directory(id))) === mountsFile) await store.containers.remove(id)
  }
}

/** Undefined for what is no working container of Buildah, or not yet. */
async function mountsFileOf(directory: string): Promise<unknown> {
  const bytes = await readFile(join(directory, 'buildah.json')).catch(() => undefined)
  return bytes && parseDocument(bytes)?.defaultMountsFilePath
}
