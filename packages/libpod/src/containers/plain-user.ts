import { findExecutable } from '@libpod/syscall'
import { LibpodError } from '../errors.ts'
import { usualPlaces } from '../networks/programs/find.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkMode } from '../spec/network.ts'

type UserRooms = Pick<Rooms, 'options' | 'config'>

/**
 * What a plain user's container has where nothing else is asked for: packets carried by a program of its own, without bridges, and
 * with systemd a place among the user's own units.
 */
export function forPlainUser(rooms: UserRooms, spec: ContainerSpec): ContainerSpec {
  if (rooms.options.rootless === 'no') return spec
  const kind = spec.network?.mode?.kind
  const network = kind === undefined || kind === 'private' ? { ...spec.network, mode: usualMode(rooms) } : spec.network
  const slice = rooms.options.cgroupManager === 'systemd' ? { cgroupParent: 'user.slice' } : {}
  return { ...spec, ...(network ? { network } : {}), resources: { ...slice, ...spec.resources } }
}

/** The configured program; without a configuration pasta, or slirp4netns where only that is installed. @throws LibpodError CONFIG_INVALID */
function usualMode({ config }: UserRooms): NetworkMode {
  const asked = config.network.defaultRootlessNetworkCmd
  if (asked === 'pasta' || asked === 'slirp4netns') return { kind: asked, options: [] }
  if (asked !== undefined)
    throw new LibpodError('CONFIG_INVALID', `invalid default_rootless_network_cmd option ${JSON.stringify(asked)}`, {
      subject: asked,
    })
  const installed = (name: string) =>
    findExecutable(name, [...config.engine.helperBinariesDir, ...usualPlaces]) !== undefined
  return { kind: !installed('pasta') && installed('slirp4netns') ? 'slirp4netns' : 'pasta', options: [] }
}
