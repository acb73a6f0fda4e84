import type { Rooms } from '../rooms.ts'

/** What the verbs of pods work with. */
export type PodRooms = Pick<Rooms, 'options' | 'config' | 'host' | 'state' | 'containers' | 'events'>
