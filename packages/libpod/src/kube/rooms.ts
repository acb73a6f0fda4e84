import type { Rooms } from '../rooms.ts'

/** What playing documents works with. */
export type KubeRooms = Pick<
  Rooms,
  'config' | 'containers' | 'host' | 'images' | 'networks' | 'options' | 'pods' | 'secrets' | 'state' | 'volumes'
>
