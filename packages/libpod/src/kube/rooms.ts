import type { Rooms } from '../rooms.ts'

/** What playing documents works with. */
export type KubeRooms = Pick<Rooms, 'containers' | 'images' | 'networks' | 'pods' | 'secrets' | 'volumes'>
