import { rmSync } from 'node:fs'
import { withFileLock } from '../locks/file-lock.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { unknownContainer } from '../state/containers.ts'
import { containerPaths } from './paths.ts'

/**
 * Runs `work` with the container's own lock, on the record as it is then. Whoever changes a container holds it; readers never do.
 * @throws LibpodError CONTAINER_UNKNOWN when it went while we waited
 */
export function withContainer<T>(
  rooms: Pick<Rooms, 'options' | 'state'>,
  id: string,
  work: (record: ContainerRecord) => T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { lock } = containerPaths(rooms.options, id)
  return withFileLock(
    lock,
    async () => {
      const record = rooms.state.containers.byId(id)
      if (record) return work(record)
      rmSync(lock, { force: true })
      throw unknownContainer(id)
    },
    signal,
  )
}
