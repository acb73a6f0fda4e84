import type { ContainerRecord } from '../state/container.ts'
import type { RemoveRooms } from './remove.ts'

/** A pod may end with the last of its containers; what ends before the others begin tells nothing of them. Not under the container's lock. */
export async function podOutlived(rooms: RemoveRooms, { config }: Pick<ContainerRecord, 'config'>): Promise<void> {
  if (config.podId === undefined || config.spec.initContainer) return
  await (await import('../pods/life.ts')).applyExitPolicy(rooms, config.podId)
}
