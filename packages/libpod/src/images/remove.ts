import { type ImageRecord, isStorageError, type Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { refuseImageStorage } from '../volumes/image.ts'
import { readCatalog } from './catalog.ts'
import type { ImageWarning, RemoveImageOptions, RemoveImageReport } from './images.ts'
import { imageUnknown, type Located, locateImage } from './lookup.ts'
import { newName } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { missingDocument } from './stored-image.ts'
import { usersOf } from './users.ts'

type Work = {
  readonly rooms: ImageRooms
  readonly store: Store
  readonly options: RemoveImageOptions & Call<ImageWarning>
  readonly untagged: string[]
  readonly deleted: string[]
}

/**
 * Removes images by name or id (`which: 'all'`: every image that is not a step of another). A name that is one of several is only taken away.
 * Goes on after a failure and reports it.
 */
export async function removeImages(
  rooms: ImageRooms,
  names: readonly string[],
  options: RemoveImageOptions & Call<ImageWarning> = {},
): Promise<RemoveImageReport> {
  const work: Work = { rooms, store: await rooms.store(), options, untagged: [], deleted: [] }
  const errors: Error[] = []
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    await step().catch((error: unknown) => void errors.push(error instanceof Error ? error : new Error(String(error))))
  }
  if (names.length === 0 && options.which === 'all') await removeEvery(work, attempt)
  const found: Located[] = []
  for (const name of names) await attempt(async () => void found.push(...(await find(work, name))))
  for (const each of found) await attempt(() => removeOne(work, each.record.id, each.resolvedName))
  return { untagged: work.untagged, deleted: work.deleted, errors }
}

async function find({ rooms, options }: Work, name: string): Promise<readonly Located[]> {
  try {
    return [await locateImage(rooms, name, { lists: 'list' })]
  } catch (error) {
    const unknown = error instanceof LibpodError && error.code === 'IMAGE_UNKNOWN'
    if (unknown && options.missing === 'ignore') return []
    throw error
  }
}

/** Children before parents: whatever has no children goes, until nothing changes any more. */
async function removeEvery(work: Work, attempt: (step: () => Promise<void>) => Promise<void>): Promise<void> {
  const tried = new Set<string>()
  for (let progress = true; progress; ) {
    progress = false
    const catalog = await readCatalog(work.store)
    for (const image of catalog.images) {
      if (tried.has(image.id) || image.readOnly === 'yes' || (await catalog.hasChildren(image))) continue
      tried.add(image.id)
      progress = true
      await attempt(() => removeOne(work, image.id, ''))
    }
  }
}

/** `reference` is the name the user gave, an id, a digest or '' for no name in particular. */
async function removeOne(work: Work, id: string, reference: string): Promise<void> {
  const { store, rooms } = work
  const image = await store.images.get(id)
  if (!image) {
    if (work.deleted.includes(id)) return
    throw imageUnknown(reference || id)
  }
  if (image.readOnly === 'yes')
    throw new LibpodError('IMAGE_IN_USE', `cannot remove read-only image ${JSON.stringify(image.id)}`)
  if (await onlyUntag(work, image, reference)) return
  await removeUsers(work, image)
  await warnOfDamage(work, image)
  const catalog = await readCatalog(store)
  const parent = await catalog.parent(image)
  await drop(store, image)
  work.untagged.push(
    ...(reference === '' || !work.untagged.includes(reference)
      ? image.names
      : image.names.filter(name => name !== reference)),
  )
  work.deleted.push(image.id)
  for (const name of image.names) await rooms.events.write({ type: 'image', status: 'untag', id: image.id, name })
  await rooms.events.write({ type: 'image', status: 'remove', id: image.id, name: reference || image.id })
  if (parent && work.options.parents !== 'keep') await pruneParent(work, parent.id)
}

/** Without its documents nothing tells what a damaged image was made from: the step before it stays. */
async function warnOfDamage({ store, options }: Work, image: ImageRecord): Promise<void> {
  const damage = options.onProgress && (await missingDocument(store, image))
  if (damage === undefined) return
  options.onProgress?.({
    type: 'warning',
    message: `Failed to determine parent of image: ${damage}, ignoring the error`,
  })
}

/** A name among several is taken away and the image stays; true then. @throws LibpodError IMAGE_IN_USE */
async function onlyUntag(
  { rooms, store, options, untagged }: Work,
  image: ImageRecord,
  reference: string,
): Promise<boolean> {
  if (reference === '' || image.names.length <= 1) return false
  const by = reference.startsWith('sha256:') ? 'digest' : image.id.startsWith(reference) ? 'ID' : 'name'
  if (by !== 'name') {
    if (options.inUse === 'remove-containers') return false
    const text = `unable to delete image ${JSON.stringify(image.id)} by ${by} with more than one tag (${goList(image.names)}): please force removal`
    throw new LibpodError('IMAGE_IN_USE', text, { subject: image.id })
  }
  const name = image.names.includes(reference) ? reference : newName(reference)
  if (!image.names.includes(name)) throw new LibpodError('NAME_INVALID', `${name}: tag not known`, { subject: name })
  await store.images.removeNames(image.id, [name])
  untagged.push(name)
  await rooms.events.write({ type: 'image', status: 'untag', id: image.id, name })
  return true
}

/** Go's way to print a list of texts. */
const goList = (texts: readonly string[]): string => `[${texts.join(' ')}]`

async function removeUsers({ rooms, store, options }: Work, image: ImageRecord): Promise<void> {
  if (options.inUse !== 'remove-containers') return
  const users = (await usersOf(rooms)).get(image.id) ?? []
  // What is to be refused is refused before anything is gone.
  for (const { id } of users) await refuseImageStorage(rooms, id, id)
  for (const { id } of users) {
    if (await rooms.containers.exists(id)) {
      await rooms.containers.remove(id, {
        running: 'kill',
        volumes: 'remove-anonymous',
        dependents: 'remove',
        timeout: 0,
      })
    } else await store.containers.remove(id)
  }
}

async function drop(store: Store, image: ImageRecord): Promise<void> {
  await store.images.remove(image.id).catch(async (cause: unknown) => {
    if (!isStorageError(cause, 'IMAGE_IN_USE')) throw cause
    const user = (await store.containers.list()).find(each => each.image === image.id)
    const text = `image used by ${user?.id ?? 'a container'}: image is in use by a container: consider listing external containers and force-removing image`
    throw new LibpodError('IMAGE_IN_USE', text, { subject: image.id, cause })
  })
}

/** The step before is of no use to anybody once it has no name, no other child and no container. */
async function pruneParent(work: Work, id: string): Promise<void> {
  const catalog = await readCatalog(work.store)
  const image = catalog.images.find(each => each.id === id)
  if (!image || image.readOnly === 'yes' || !(await catalog.isDangling(image))) return
  if ((await usersOf(work.rooms)).has(id)) return
  await removeOne(work, id, '')
}
