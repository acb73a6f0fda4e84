import type { Rooms } from '../rooms.ts'

/** What the verbs of volumes work with. */
export type VolumeRooms = Pick<Rooms, 'options' | 'state' | 'containers' | 'events'>
