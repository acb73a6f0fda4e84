import type { Rooms } from '../rooms.ts'

/** What the verbs of the system as a whole work with. */
export type SystemRooms = Pick<
  Rooms,
  | 'options'
  | 'config'
  | 'host'
  | 'state'
  | 'store'
  | 'containers'
  | 'images'
  | 'volumes'
  | 'networks'
  | 'secrets'
  | 'events'
  | 'pods'
>
