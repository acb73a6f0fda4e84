import type { Rooms } from '../rooms.ts'
import type { NetworkBackend } from './backend.ts'
import { networkBackends } from './backends/table.ts'
import type { RootlessSettings } from './rootless/backend.ts'
import { rootlessPlaces } from './rootless/places.ts'
import { type NetworkSettings, networkSettings } from './settings.ts'

/** What the verbs of networks work with. */
export type NetworkRooms = Pick<Rooms, 'options' | 'config' | 'host' | 'state' | 'containers' | 'events'>

export const settingsOf = ({ options, config }: Pick<Rooms, 'options' | 'config'>): NetworkSettings =>
  networkSettings(options, config.network)

/** The backend in force. Only CNI is built in: netavark keeps its addresses in a file that no other program can write. */
export const networkBackend = (rooms: Pick<Rooms, 'options' | 'config' | 'host'>): Promise<NetworkBackend> =>
  rooms.options.rootless === 'yes'
    ? networkBackends.rootless(rootlessSettings(rooms))
    : networkBackends.cni(settingsOf(rooms))

export const rootlessSettings = (rooms: Pick<Rooms, 'options' | 'config' | 'host'>): RootlessSettings => ({
  cni: settingsOf(rooms),
  places: rootlessPlaces(rooms.options.runRoot),
  carrier: { options: rooms.config.engine.networkCmdOptions, directories: rooms.config.engine.helperBinariesDir },
  surroundings: {
    root: rooms.options.root,
    runtimeDirectory: process.env.XDG_RUNTIME_DIR ?? '/run',
    bootId: rooms.host.bootId,
  },
})
