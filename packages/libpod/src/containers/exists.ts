import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'

/** Whether the name means a container; an ambiguous one does not. */
export function containerExists({ state }: Pick<Rooms, 'state'>, name: string): boolean {
  try {
    state.containers.find(name)
    return true
  } catch (error) {
    if (error instanceof LibpodError && (error.code === 'CONTAINER_UNKNOWN' || error.code === 'NAME_AMBIGUOUS'))
      return false
    throw error
  }
}
