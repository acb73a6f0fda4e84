import { type Reference, storageReference } from '@libpod/image'
import type { LocateOptions } from './lookup.ts'
import { locateImage } from './lookup.ts'
import { tryParse } from './names.ts'
import type { ImageRooms } from './rooms.ts'

const transport = 'containers-storage:'

/** The image that `containers-storage:NAME` means: without a bracket that names another store, one of this engine's. */
export async function storedReference(
  rooms: ImageRooms,
  name: string,
  options: LocateOptions = { lists: 'list' },
): Promise<Reference | undefined> {
  if (!name.startsWith(transport) || name.startsWith(`${transport}[`)) return undefined
  return nameInStore(rooms, name.slice(transport.length), options)
}

/** The image behind a name or id of the store, with the name it was found by or has. @throws LibpodError IMAGE_UNKNOWN */
export async function nameInStore(rooms: ImageRooms, name: string, options: LocateOptions): Promise<Reference> {
  const { record, resolvedName } = await locateImage(rooms, name, options)
  const reference = tryParse(resolvedName) ?? tryParse(record.names[0] ?? '')
  return storageReference(await rooms.store(), { id: record.id, ...(reference && { name: reference }) })
}
