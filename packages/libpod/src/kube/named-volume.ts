import { LibpodError } from '../errors.ts'
import type { VolumeRecord } from '../volumes/volumes.ts'
import type { KubeRooms } from './rooms.ts'

/** The volume of exactly this name; part of another's is none. */
export async function namedVolume(
  { volumes }: Pick<KubeRooms, 'volumes'>,
  name: string,
): Promise<VolumeRecord | undefined> {
  try {
    const found = await volumes.inspect(name)
    return found.name === name ? found : undefined
  } catch (error) {
    if (error instanceof LibpodError && /^(VOLUME_UNKNOWN|NAME_AMBIGUOUS)$/.test(error.code)) return undefined
    throw error
  }
}
