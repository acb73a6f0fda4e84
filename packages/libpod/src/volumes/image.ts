import { ifGone } from '../containers/gone.ts'
import { LibpodError } from '../errors.ts'
import type { FoundImage } from '../images/images.ts'
import type { Rooms } from '../rooms.ts'
import type { VolumeSpec } from '../spec/volume.ts'
import type { StoredVolume } from './table.ts'
import type { VolumeRecord } from './volumes.ts'

// A volume of the driver `image` has the files of an image, and a layer of its own in the store for what is written over them.

/** Whether a driver is the engine's own: a plugin may be called `image` as well, and then it counts. */
export const isImageDriver = ({ config: { engine } }: Pick<Rooms, 'config'>, driver: string): boolean =>
  driver === 'image' && !Object.hasOwn(engine.volumePlugins, driver)

/** A name that no container can have. */
const storageName = (volume: string): string => `${volume}+volume`

/**
 * Makes the layer of a volume whose record stands, unless it is there; by who has the volume's lock. What else has its name is left of
 * one that half went. @throws StorageError
 */
export async function createImageStorage(
  rooms: Pick<Rooms, 'store'>,
  { name, created, config: { storageId = '' } }: StoredVolume,
  image: FoundImage,
): Promise<void> {
  const { containers } = await rooms.store()
  const called = storageName(name)
  const leftover = await containers.get(called)
  if (leftover?.id === storageId) return
  if (leftover?.names.includes(called)) await removeImageStorage(rooms, leftover.id)
  const metadata = {
    'image-name': image.resolvedName,
    'image-id': image.id,
    name: called,
    'created-at': Math.floor(created / 1000),
  }
  await containers.create({ id: storageId, names: [called], image: image.id, metadata: JSON.stringify(metadata) })
}

/** The image that the options name. @throws LibpodError SPEC_INVALID, IMAGE_UNKNOWN */
export async function volumeImage(
  { images }: Pick<Rooms, 'images'>,
  { options = {} }: VolumeSpec,
): Promise<FoundImage> {
  const wrong = Object.keys(options).find(key => key.toLowerCase() !== 'image')
  if (wrong !== undefined) throw invalid(`invalid mount option ${wrong} for driver 'image': invalid argument`)
  const [name = ''] = Object.values(options)
  if (name === '')
    throw invalid('must provide an image name when creating a volume with the image driver: invalid argument')
  return images.lookup(name).catch((cause: unknown) => {
    if (!(cause instanceof LibpodError)) throw cause
    const text = `looking up image ${name} to create volume failed: ${cause.message}`
    throw new LibpodError(cause.code, text, { subject: name, cause })
  })
}

const invalid = (message: string): LibpodError => new LibpodError('SPEC_INVALID', message)

/** The volume whose files a container of the store has. */
export async function volumeOfStorage(
  { volumes }: Pick<Rooms, 'volumes'>,
  id: string,
): Promise<VolumeRecord | undefined> {
  return (await volumes.list()).find(({ storageId }) => storageId === id)
}

/** Nobody takes a volume's files away but by removing the volume. @throws LibpodError CONTAINER_IN_USE */
export async function refuseImageStorage(rooms: Pick<Rooms, 'volumes'>, id: string, asked: string): Promise<void> {
  const volume = await volumeOfStorage(rooms, id)
  if (!volume) return
  const text = `refusing to remove ${JSON.stringify(asked)} as it exists in libpod as an image-backed volume ${volume.name}: container already exists`
  throw new LibpodError('CONTAINER_IN_USE', text, { subject: asked })
}

/** Mounts the layer of a volume. Where who made the volume was killed before it, it is made now, from what its options name by then. */
export async function mountImageStorage(rooms: Pick<Rooms, 'images' | 'store'>, volume: StoredVolume): Promise<string> {
  const { containers } = await rooms.store()
  const { storageId = '' } = volume.config
  if (!(await containers.get(storageId)))
    await createImageStorage(rooms, volume, await volumeImage(rooms, volume.config))
  return containers.mount(storageId)
}

// What somebody else has removed needs neither.

export const unmountImageStorage = async (rooms: Pick<Rooms, 'store'>, id: string): Promise<void> =>
  (await rooms.store()).containers.unmount(id).catch(ifGone)

export const removeImageStorage = async (rooms: Pick<Rooms, 'store'>, id: string): Promise<void> =>
  (await rooms.store()).containers.remove(id).catch(ifGone)
