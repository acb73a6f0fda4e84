import {
  chooseInstance,
  dockerReference,
  parseDockerReference,
  parseManifest,
  readManifest,
  withDefaultTag,
} from '@libpod/image'
import type { Call } from '../spec/call.ts'
import type { RegistryOptions } from './images.ts'
import { imageUnknown } from './lookup.ts'
import type { ImageRooms } from './rooms.ts'
import { accessOf } from './transfer.ts'

/**
 * Whether a registry has another image under a name than the one with this id. Of an index the image for this machine counts.
 * @throws LibpodError IMAGE_UNKNOWN; ImageError of the name and the registry
 */
export async function hasNewerImage(
  rooms: ImageRooms,
  { id, name }: { readonly id: string; readonly name: string },
  options: RegistryOptions & Call = {},
): Promise<boolean> {
  const record = await (await rooms.store()).images.get(id)
  if (!record) throw imageUnknown(id)
  const reference = dockerReference(withDefaultTag(parseDockerReference(name)))
  const { signal } = options
  const { bytes, mediaType, digest } = await readManifest(reference, {
    access: accessOf(rooms, options),
    ...(signal && { signal }),
  })
  const manifest = parseManifest(bytes, mediaType)
  const digests = manifest.kind === 'index' ? [chooseInstance(manifest.manifests).digest, digest] : [digest]
  return !digests.some(each => each === record.digest || record.digests.includes(each))
}
