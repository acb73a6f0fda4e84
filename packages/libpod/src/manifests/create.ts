import { isStorageError } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { newName } from '../images/names.ts'
import type { ImageRooms } from '../images/rooms.ts'
import type { Call } from '../spec/call.ts'
import { addToList } from './add.ts'
import { changeIndex, emptyIndex } from './list.ts'
import type { CreateListOptions } from './manifests.ts'
import { editList, locateList, saveList } from './record.ts'

/** @throws LibpodError NAME_IN_USE, NAME_INVALID, IMAGE_UNKNOWN */
export async function createList(
  rooms: ImageRooms,
  name: string,
  images: readonly string[],
  options: CreateListOptions & Call = {},
): Promise<string> {
  if (name === '') throw new LibpodError('NAME_INVALID', 'no name specified for creating a manifest list')
  const id = await newOrExisting(rooms, newName(name), options)
  const { annotations } = options
  if (annotations && Object.keys(annotations).length > 0)
    await editList(rooms, id, list => ({ ...list, index: changeIndex(list.index, { annotations }) }))
  await rooms.events.write({ type: 'image', status: 'tag', id, name })
  const { annotations: _, ...access } = options
  if (images.length > 0) await addToList(rooms, id, images, access)
  return id
}

async function newOrExisting(rooms: ImageRooms, name: string, options: CreateListOptions): Promise<string> {
  const store = await rooms.store()
  try {
    return await saveList(store, { index: emptyIndex, instances: new Map(), artifacts: new Map() }, { names: [name] })
  } catch (cause) {
    if (!isStorageError(cause, 'NAME_IN_USE')) throw cause
    if (options.existing === 'amend') return (await locateList(rooms, name)).id
    const holder = await store.images.get(name)
    const text = `image name ${JSON.stringify(name)} is already associated with image ${JSON.stringify(holder?.id ?? '')}: that name is already in use`
    throw new LibpodError('NAME_IN_USE', text, { subject: name, cause })
  }
}
