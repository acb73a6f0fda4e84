import type { Rooms } from '../rooms.ts'
import type { RequestedMount } from '../spec/mount.ts'
import type { ContainerRecord } from '../state/container.ts'
import { withUsual } from './bind-options.ts'

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
        Options: withUsual(options.filter(kept), ['nosuid', 'nodev', 'rbind']),
        RW: !options.includes('ro'),
        Propagation: propagation(options),
      }
    }),
  )
  const others = (config.spec.mounts?.mounts ?? []).flatMap(mount => [...shown(mount)])
  return [...named, ...others]
}

type Shown = Readonly<Record<string, unknown>>

/** What is mounted otherwise: tmpfs are told of elsewhere, and of artifacts Podman tells nothing. */
function* shown(mount: RequestedMount): Generator<Shown> {
  const { destination } = mount
  const plain = { Driver: '', Mode: '' }
  const bind = (source: string) => ({ Type: 'bind', Source: source, Destination: destination, ...plain })
  switch (mount.kind) {
    case 'bind':
      yield {
        ...bind(mount.source),
        Options: withUsual(mount.options.filter(kept), ['rbind']),
        RW: !mount.options.includes('ro'),
        Propagation: propagation(mount.options),
      }
      break
    case 'ramfs':
    case 'devpts':
      yield {
        ...bind(mount.kind),
        Options: mount.options.filter(kept),
        RW: !mount.options.includes('ro'),
        Propagation: '',
      }
      break
    case 'overlay':
      yield { ...bind(mount.source), Options: [`lowerdir=${mount.source}`], RW: true, Propagation: 'private' }
      break
    case 'image':
      yield {
        Type: 'image',
        Source: mount.image,
        Destination: destination,
        ...plain,
        Options: null,
        RW: mount.readWrite === 'yes',
        Propagation: '',
        ...(mount.subPath ? { SubPath: mount.subPath } : {}),
      }
  }
}

const kept = (word: string): boolean =>
  !['ro', 'rw', 'rbind', 'bind', 'z', 'Z', 'U'].includes(word) && !/^r?(private|shared|slave)$/.test(word)

const propagation = (options: readonly string[]): string =>
  options.find(word => /^r?(private|shared|slave)$/.test(word)) ?? 'rprivate'
