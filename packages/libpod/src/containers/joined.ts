import { LibpodError } from '../errors.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { isRunning } from './liveness.ts'

/** The pids of the containers whose namespaces this one joins, by the name it was told. @throws LibpodError CONTAINER_STATE */
export function pidsOfJoined(
  rooms: Pick<Rooms, 'state' | 'options' | 'host'>,
  { config }: ContainerRecord,
): ReadonlyMap<string, number> {
  const modes = [config.spec.network?.mode, ...Object.values(config.spec.security?.namespaces ?? {})]
  const names = modes.flatMap(mode => (mode?.kind === 'container' ? [mode.container] : []))
  return new Map(names.map(name => [name, pidOf(rooms, name)]))
}

function pidOf(rooms: Pick<Rooms, 'state' | 'options' | 'host'>, name: string): number {
  const record = rooms.state.containers.find(name)
  const pid = isRunning(rooms, record) ? record.status.process?.pid : undefined
  if (pid !== undefined) return pid
  throw new LibpodError(
    'CONTAINER_STATE',
    `cannot get namespace path unless container ${record.id} is running: container is stopped`,
    { subject: record.name },
  )
}
