import { parseImageName } from '@libpod/image'
import type { PullEvent, PushOptions, RegistryOptions } from '../images/images.ts'
import { copyOptions } from '../images/push.ts'
import type { ImageRooms } from '../images/rooms.ts'
import { signersOf } from '../images/signers.ts'
import { transfer } from '../images/transfer.ts'
import type { Call } from '../spec/call.ts'
import type { ArtifactStore } from './store.ts'

/** @throws LibpodError NAME_INVALID; ImageError of the copy */
export async function pullArtifact(
  rooms: ImageRooms,
  store: ArtifactStore,
  name: string,
  options: RegistryOptions & Call<PullEvent> = {},
): Promise<{ readonly digest: string }> {
  const to = store.reference(name)
  const from = parseImageName(`docker://${name}`)
  await store.hold('write', () => store.prepare())
  const { signal, onProgress } = options
  const call = { ...(signal && { signal }), ...(onProgress && { onProgress }) }
  const { digest } = await transfer(rooms, { from, to }, { registry: options, signatures: 'remove', ...call })
  return { digest }
}

/** @throws LibpodError ARTIFACT_UNKNOWN; ImageError of the copy */
export async function pushArtifact(
  rooms: ImageRooms,
  store: ArtifactStore,
  name: string,
  options: PushOptions & Call<PullEvent> = {},
): Promise<{ readonly digest: string }> {
  const artifact = await store.hold('read', () => store.find(name))
  // By its name: where it stands in the index may change meanwhile.
  const from = artifact.name === '' ? artifact.reference : store.reference(artifact.name)
  const ends = { from, to: parseImageName(`docker://${artifact.name || name}`) }
  const signBy = await signersOf(options)
  const { digest } = await transfer(rooms, ends, { registry: options, signBy, ...copyOptions(options) })
  return { digest }
}
