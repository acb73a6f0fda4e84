import {
  dockerReference,
  formatDockerReference,
  parseDockerReference,
  parseImageName,
  type Reference,
  withDefaultTag,
} from '@libpod/image'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { configuredCompression } from './configured-compression.ts'
import type { PullEvent, PushOptions } from './images.ts'
import { locateImage } from './lookup.ts'
import { tryParse } from './names.ts'
import type { ImageRooms } from './rooms.ts'
import { signersOf } from './signers.ts'
import { isManifestList } from './stored-image.ts'
import { stored, transfer } from './transfer.ts'

/**
 * Sends an image to a registry, or with a transport prefix anywhere else; without a destination to where its name says.
 * @throws LibpodError IMAGE_UNKNOWN, NAME_INVALID; ImageError of the copy
 */
export async function pushImage(
  rooms: ImageRooms,
  name: string,
  destination: string | undefined,
  options: PushOptions & Call<PullEvent> = {},
): Promise<{ readonly digest: string }> {
  const { record, resolvedName } = await locateImage(rooms, name, { lists: 'list' })
  const target = destination ?? nameToPush(resolvedName, record.names)
  if (await isManifestList(await rooms.store(), record)) {
    const { pushList } = await import('../manifests/push.ts')
    return pushList(rooms, record.id, target, options)
  }
  const to = destinationOf(target)
  const from = await stored(rooms, { id: record.id, ...optionalName(record.names[0]) })
  const signBy = await signersOf(options)
  const asked = { ...configuredCompression(rooms, to.transport), ...options }
  const result = await transfer(rooms, { from, to }, { registry: options, signBy, ...copyOptions(asked) })
  await rooms.events.write({ type: 'image', status: 'push', id: record.id, name: nameOf(to) })
  return { digest: result.digest }
}

const optionalName = (name: string | undefined) => {
  const parsed = name === undefined ? undefined : tryParse(name)
  return parsed === undefined ? {} : { name: parsed }
}

function nameToPush(resolvedName: string, names: readonly string[]): string {
  if (tryParse(resolvedName) && names.includes(resolvedName)) return resolvedName
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  throw new LibpodError(
    'SPEC_INVALID',
    `${resolvedName} has ${names.length === 0 ? 'no name' : 'several names'}: name a destination`,
    {
      subject: resolvedName,
    },
  )
}

/** A name without a transport is a registry's. */
function destinationOf(text: string): Reference {
  try {
    return parseImageName(text)
  } catch (error) {
    if (/^[a-z-]+:\/\//.test(text)) throw error
    const name = withDefaultTag(parseDockerReference(text))
    return dockerReference(parseDockerReference(formatDockerReference(name)))
  }
}

/** What a push was told about the copy. */
export function copyOptions(options: PushOptions & Call<PullEvent>) {
  const { format, compression, compressionLevel, forceCompression, removeSignatures, signal, onProgress } = options
  return {
    ...(format && { format }),
    ...(compression && { compression }),
    ...(compressionLevel !== undefined && { compressionLevel }),
    ...(forceCompression && { forceCompression }),
    ...(removeSignatures === 'yes' && { signatures: 'remove' as const }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  }
}

/** A registry's name alone; another place with its transport. */
const nameOf = ({ transport, text }: Reference): string =>
  transport === 'docker' ? text.replace(/^\/\//, '') : `${transport}:${text}`
