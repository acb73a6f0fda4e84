import type { ContainerId } from '../containers/containers.ts'
import { endPause } from '../rootless/pause-process.ts'
import type { SystemRooms } from './rooms.ts'

/**
 * Brings the database up to date, which it does by itself when it is opened. A plain user's containers are stopped, and the user's
 * namespace ends with the process that kept it: the next command makes one with the ids that the user has by then.
 */
export async function migrateSystem(
  rooms: Pick<SystemRooms, 'options' | 'state' | 'containers'>,
): Promise<readonly ContainerId[]> {
  void rooms.state.database
  if (rooms.options.rootless === 'no') return []
  const stopped: ContainerId[] = []
  for (const { id } of await rooms.containers.list()) {
    await rooms.containers.stop(id)
    stopped.push(id)
  }
  endPause()
  return stopped
}
