import type { Filters } from '../filters/values.ts'
import { recordOf } from './create.ts'
import { type VolumeInUse, volumeTest } from './filters.ts'
import type { VolumeRooms } from './rooms.ts'
import { VolumeTable } from './table.ts'
import type { VolumeRecord } from './volumes.ts'

/** Volumes by filters, sorted by name. @throws LibpodError SPEC_INVALID */
export async function listVolumes(rooms: VolumeRooms, filters: Filters = {}): Promise<readonly VolumeRecord[]> {
  return matching(rooms, filters).map(({ volume }) => recordOf(rooms, volume))
}

export function matching(rooms: VolumeRooms, filters: Filters): readonly VolumeInUse[] {
  const table = new VolumeTable(rooms.state.database)
  const all = table.all().map(volume => ({ volume, users: table.users(volume.name) }))
  return all.filter(volumeTest(filters, all))
}

/** @throws LibpodError VOLUME_UNKNOWN, NAME_AMBIGUOUS */
export const inspectVolume = async (rooms: VolumeRooms, name: string): Promise<VolumeRecord> =>
  recordOf(rooms, new VolumeTable(rooms.state.database).find(name))

export const volumeExists = async (rooms: VolumeRooms, name: string): Promise<boolean> =>
  new VolumeTable(rooms.state.database).byName(name) !== undefined
