import type { Rooms } from '../rooms.ts'
import { ifGone } from './gone.ts'

/** Whether the name means a container (`external`: or one that only the store knows); an ambiguous one does not. */
export async function containerExists(
  rooms: Pick<Rooms, 'state' | 'store'>,
  name: string,
  which: 'own' | 'external' = 'own',
): Promise<boolean> {
  try {
    rooms.state.containers.find(name)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NAME_AMBIGUOUS') return false
    ifGone(error)
  }
  return which === 'external' && (await (await rooms.store()).containers.get(name)) !== undefined
}
