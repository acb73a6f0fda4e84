import { locateImage } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'

const letters = { added: 'A', modified: 'C', deleted: 'D' } as const

/** What the image's top layer changes. @throws LibpodError IMAGE_UNKNOWN */
export async function imageChanges(rooms: ImageRooms, name: string) {
  const { record } = await locateImage(rooms, name)
  const store = await rooms.store()
  if (record.layer === undefined) return []
  const changes = await Array.fromAsync(store.layers.changes(record.layer))
  return changes.map(({ kind, path }) => ({ kind: letters[kind], path }))
}
