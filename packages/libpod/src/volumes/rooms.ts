import type { Rooms } from '../rooms.ts'

/** What the verbs of volumes work with. */
export type VolumeRooms = Pick<Rooms, 'options' | 'config' | 'state' | 'containers' | 'events' | 'images' | 'store'>

/** What making a volume usable needs. */
export type VolumeMountRooms = Pick<Rooms, 'options' | 'config' | 'state' | 'host' | 'images' | 'store'>
