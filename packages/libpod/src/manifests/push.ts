import { dockerReference, parseDockerReference, parseImageName, type Reference, withDefaultTag } from '@libpod/image'
import { LibpodError } from '../errors.ts'
import { addedCompressions, configuredCompression } from '../images/configured-compression.ts'
import type { PullEvent } from '../images/images.ts'
import { tryParse } from '../images/names.ts'
import { copyOptions } from '../images/push.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { signersOf } from '../images/signers.ts'
import { stored, transfer } from '../images/transfer.ts'
import type { Call } from '../spec/call.ts'
import type { PushListOptions } from './manifests.ts'
import { loadList, locateList } from './record.ts'
import { listReference } from './source.ts'

/** @throws LibpodError IMAGE_UNKNOWN, IMAGE_INVALID; ImageError of the copy */
export async function pushList(
  rooms: ImageRooms,
  name: string,
  destination: string,
  options: PushListOptions & Call<PullEvent> = {},
): Promise<{ readonly digest: string }> {
  const store = await rooms.store()
  const record = await locateList(rooms, name).catch((cause: unknown) => {
    if (!(cause instanceof LibpodError)) throw cause
    const text = `retrieving local image from image name ${name}: ${cause.message}`
    throw new LibpodError(cause.code, text, { subject: name, cause })
  })
  const own = tryParse(record.names[0] ?? '')
  const self = await stored(rooms, { id: record.id, ...(own && { name: own }) })
  const from = listReference(store, await loadList(store, record), self)
  const to = destinationOf(destination)
  const signBy = await signersOf(options)
  const images = options.images === 'list' ? [] : ('all' as const)
  const { addCompression = addedCompressions(rooms) } = options
  const asked = { ...configuredCompression(rooms, to.transport), ...options }
  const { digest } = await transfer(
    rooms,
    { from, to },
    { registry: options, signBy, images, addCompression, ...copyOptions(asked) },
  )
  await rooms.events.write({ type: 'image', status: 'push', id: record.id, name: destination })
  if (options.afterwards === 'remove') {
    const { removeImages } = await import('../images/remove.ts')
    const { errors } = await removeImages(rooms, [record.id], { inUse: 'remove-containers' })
    if (errors[0]) throw errors[0]
  }
  return { digest }
}

function destinationOf(text: string): Reference {
  try {
    return parseImageName(text)
  } catch (error) {
    try {
      return dockerReference(withDefaultTag(parseDockerReference(text)))
    } catch {
      throw error
    }
  }
}
