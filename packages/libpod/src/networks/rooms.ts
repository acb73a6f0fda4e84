import type { Rooms } from '../rooms.ts'
import type { NetworkBackend } from './backend.ts'
import { networkBackends } from './backends/table.ts'
import { type NetworkSettings, networkSettings } from './settings.ts'

/** What the verbs of networks work with. */
export type NetworkRooms = Pick<Rooms, 'options' | 'config' | 'host' | 'state' | 'containers' | 'events'>

export const settingsOf = ({ options, config }: Pick<Rooms, 'options' | 'config'>): NetworkSettings =>
  networkSettings(options, config.network)

/** The backend in force. Only CNI is built in: netavark keeps its addresses in a file that no other program can write. */
export const networkBackend = (rooms: Pick<Rooms, 'options' | 'config'>): Promise<NetworkBackend> =>
  networkBackends.cni(settingsOf(rooms))
