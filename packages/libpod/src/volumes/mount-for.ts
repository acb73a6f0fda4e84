import { copyUp } from './copy-up.ts'
import { mountVolume, unmountVolume } from './mount.ts'
import type { VolumeMountRooms } from './rooms.ts'
import type { VolumePlace } from './volumes.ts'

/** Mounts a volume for a container, filled on its first use. @throws LibpodError VOLUME_UNKNOWN, SPEC_INVALID */
export async function mountVolumeFor(rooms: VolumeMountRooms, name: string, place: VolumePlace): Promise<string> {
  const directory = await mountVolume(rooms, name)
  try {
    await copyUp(rooms, {
      volume: name,
      rootfs: place.root,
      destination: place.destination,
      fill: place.options.includes('nocopy') ? 'no' : 'yes',
      ...(place.owner && { owner: place.owner }),
    })
    return directory
  } catch (error) {
    await unmountVolume(rooms, name)
    throw error
  }
}
