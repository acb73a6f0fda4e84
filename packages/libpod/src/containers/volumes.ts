import { posix } from 'node:path'
import type { FoundImage } from '../images/images.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NamedVolumeUse } from '../state/container.ts'

/** How the volumes that an image asks for are mounted. */
const ofImages = ['rprivate', 'rw', 'nodev', 'exec']

/**
 * The named volumes of a new container: those asked for by name, anonymous ones, and one for every VOLUME of the image at which
 * nothing else is mounted. Missing ones are created.
 */
export async function requestVolumes(
  rooms: Pick<Rooms, 'volumes'>,
  spec: ContainerSpec,
  image: FoundImage | undefined,
): Promise<readonly NamedVolumeUse[]> {
  const mounts = spec.mounts?.mounts ?? []
  const asked = mounts.flatMap(mount => (mount.kind === 'volume' ? [mount] : []))
  const covered = new Set(mounts.map(({ destination }) => destination.replace(/(?<=.)\/+$/, '')))
  const ofImage =
    spec.mounts?.imageVolumes === 'ignore' || spec.mounts?.imageVolumes === 'tmpfs' ? [] : (image?.config.volumes ?? [])
  const clean = new Set(ofImage.map(path => posix.resolve('/', path)))
  const uncovered = [...clean].filter(path => !covered.has(path))
  const uses: NamedVolumeUse[] = []
  for (const { name, destination, options, subPath, driverOptions } of asked) {
    const volume = await rooms.volumes.create({
      ...(name ? { name, onNameConflict: 'ignore' } : { anonymous: 'yes' }),
      ...(driverOptions ? { options: driverOptions } : {}),
    })
    uses.push({
      name: volume.name,
      destination,
      options,
      anonymous: volume.anonymous,
      ...(subPath ? { subPath } : {}),
    })
  }
  for (const destination of uncovered) {
    const volume = await rooms.volumes.create({ anonymous: 'yes' })
    uses.push({ name: volume.name, destination, options: ofImages, anonymous: 'yes' })
  }
  return uses
}
