import { Lockfile } from '@libpod/storage'
import type { Rooms } from '../rooms.ts'
import { VolumeTable } from './table.ts'

/** Does what only one may do with a volume at a time. @throws LibpodError VOLUME_UNKNOWN */
export function withVolume<T>(
  { options, state }: Pick<Rooms, 'options' | 'state'>,
  name: string,
  work: (table: VolumeTable) => Promise<T>,
): Promise<T> {
  const table = new VolumeTable(state.database)
  const lock = new Lockfile(`${options.volumePath}/.locks/${table.find(name).name}.lock`)
  return lock.hold('write', () => work(table))
}
