import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '@libpod/storage'
import { type JsonObject, parseDocument } from '../images/document.ts'
import type { ImageRooms } from '../images/rooms.ts'

/**
 * Removes the working containers of a build that was stopped: those whose record names the mounts file that this build alone was
 * given. Other builds go on.
 */
export async function removeLeftovers(rooms: Pick<ImageRooms, 'store'>, mountsFile: string): Promise<void> {
  const store = await rooms.store()
  for (const { id, record } of await workingContainers(store))
    if (record.defaultMountsFilePath === mountsFile) await store.containers.remove(id)
}

/** Removes the working containers of all builds, of those as well that go on; the bytes of each. */
export async function pruneWorkingContainers(
  rooms: Pick<ImageRooms, 'store'>,
): Promise<readonly { readonly id: string; readonly size: number }[]> {
  const store = await rooms.store()
  const pruned: { readonly id: string; readonly size: number }[] = []
  for (const { id } of await workingContainers(store)) {
    const { written } = await store.containers.size(id)
    await store.containers.remove(id)
    pruned.push({ id, size: written })
  }
  return pruned
}

/** Those that have a record of Buildah's. */
async function workingContainers(
  store: Store,
): Promise<readonly { readonly id: string; readonly record: JsonObject }[]> {
  const found: { readonly id: string; readonly record: JsonObject }[] = []
  for (const { id } of await store.containers.list()) {
    const bytes = await readFile(join(store.containers.directory(id), 'buildah.json')).catch(() => undefined)
    const record = bytes && parseDocument(bytes)
    if (record) found.push({ id, record })
  }
  return found
}
