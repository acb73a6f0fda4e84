import { posix } from 'node:path'
import { withUsual } from '../containers/bind-options.ts'
import { usualShmSize } from '../plan/shm-size.ts'
import type { MountSpec, RequestedMount } from '../spec/mount.ts'
import type { NamedVolumeUse } from '../state/container.ts'
import { type Generated, present } from './source.ts'

/** What is mounted, by kinds. */
export function storageOf(mounts: readonly RequestedMount[], volumes: readonly NamedVolumeUse[]): Generated {
  return present({
    mounts: mounts.flatMap(plainMount),
    volumes: volumes.map(({ name, destination, options, subPath = '' }) => ({
      Name: name,
      Dest: destination,
      Options: withUsual(options, ['rprivate', 'nosuid', 'nodev', 'rbind']),
      IsAnonymous: false,
      SubPath: subPath,
    })),
    overlay_volumes: mounts.flatMap(mount =>
      mount.kind === 'overlay'
        ? [{ destination: mount.destination, source: mount.source, options: ['O', ...mount.options.filter(notO)] }]
        : [],
    ),
    image_volumes: mounts.flatMap(mount =>
      mount.kind === 'image'
        ? [
            {
              Source: mount.image,
              Destination: mount.destination,
              ReadWrite: mount.readWrite === 'yes',
              ...(mount.subPath && { subPath: mount.subPath }),
            },
          ]
        : [],
    ),
    artifact_volumes: mounts.flatMap(mount => {
      if (mount.kind !== 'artifact') return []
      const { artifact: source, destination, title, digest, name } = mount
      return [present({ source, destination, title, digest, name })]
    }),
  })
}

const notO = (option: string): boolean => option !== 'O'

function plainMount(mount: RequestedMount): readonly Generated[] {
  switch (mount.kind) {
    case 'bind': {
      const source = mount.subPath === undefined ? mount.source : posix.join(mount.source, mount.subPath)
      return [mounted(mount.destination, 'bind', source, withUsual(mount.options, ['rprivate', 'rbind']))]
    }
    case 'tmpfs':
    case 'ramfs': {
      const options = withUsual(mount.options, ['rprivate', 'nosuid', 'nodev', 'tmpcopyup'])
      return [mounted(mount.destination, mount.kind, mount.kind, options)]
    }
    case 'devpts':
      return [mounted(mount.destination, 'devpts', 'devpts', mount.options)]
    default:
      return []
  }
}

const mounted = (destination: string, type: string, source: string, options: readonly string[]): Generated => ({
  destination,
  type,
  source,
  options,
})

/** Bytes of /dev/shm, unless that is the host's; 0 of those of systemd's leaves them to themselves. */
export const shmOf = (
  { shmSize = usualShmSize, shmSizeSystemd = 0 }: MountSpec,
  ipc: string | undefined,
): Generated => ({
  ...(ipc !== 'host' && { shm_size: shmSize }),
  shm_size_systemd: shmSizeSystemd,
})
