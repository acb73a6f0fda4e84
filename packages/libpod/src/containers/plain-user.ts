import { LibpodError } from '../errors.ts'
import { findExecutable } from '../host/executable.ts'
import { usualPlaces } from '../networks/programs/find.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerSpec } from '../spec/container.ts'
import type { NetworkMode } from '../spec/network.ts'

type UserRooms = Pick<Rooms, 'options' | 'config'>

/** A plain user has no bridge of the host's: packets are carried by a program, unless something else is asked for. */
export function withUsualNetwork(rooms: UserRooms, spec: ContainerSpec): ContainerSpec {
  const kind = spec.network?.mode?.kind
  if (rooms.options.rootless === 'no' || (kind !== undefined && kind !== 'private')) return spec
  return { ...spec, network: { ...spec.network, mode: usualMode(rooms) } }
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
