import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'

/** The `Mounts` list of an inspected container: what its user asked for, not the engine's own. */
export async function inspectMounts(
  rooms: Pick<Rooms, 'volumes'>,
  { config }: ContainerRecord,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const named = await Promise.all(
    config.volumes.map(async ({ name, destination, options }) => {
      const volume = await rooms.volumes.inspect(name).catch(() => undefined)
      const source = volume?.mountPoint ?? ''
      return {
        Type: 'volume',
        Name: name,
        Source: source,
        Destination: destination,
        Driver: volume?.driver ?? 'local',
        Mode: '',
        Options: ['nosuid', 'nodev', 'rbind', ...options.filter(kept)],
        RW: !options.includes('ro'),
        Propagation: propagation(options),
      }
    }),
  )
  const binds = (config.spec.mounts?.mounts ?? []).flatMap(mount =>
    mount.kind === 'bind'
      ? [
          {
            Type: 'bind',
            Source: mount.source,
            Destination: mount.destination,
            Driver: '',
            Mode: '',
            Options: ['rbind', ...mount.options.filter(kept)],
            RW: !mount.options.includes('ro'),
            Propagation: propagation(mount.options),
          },
        ]
      : [],
  )
  const images = (config.spec.mounts?.mounts ?? []).flatMap(mount =>
    mount.kind === 'image'
      ? [
          {
            Type: 'image',
            Source: mount.image,
            Destination: mount.destination,
            Driver: '',
            Mode: '',
            Options: [],
            RW: mount.readWrite === 'yes',
            Propagation: '',
            ...(mount.subPath ? { SubPath: mount.subPath } : {}),
          },
        ]
      : [],
  )
  return [...named, ...binds, ...images]
}

const kept = (word: string): boolean =>
  !['ro', 'rw', 'rbind', 'bind', 'z', 'Z', 'U'].includes(word) && !/^r?(private|shared|slave)$/.test(word)

const propagation = (options: readonly string[]): string =>
  options.find(word => /^r?(private|shared|slave)$/.test(word)) ?? 'rprivate'
