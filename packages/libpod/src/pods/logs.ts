import type { LogRecord } from '../containers/containers.ts'
import { LibpodError } from '../errors.ts'
import type { Call } from '../spec/call.ts'
import { findPod, type Member, membersOf } from './members.ts'
import type { ContainerLog, PodLogOptions } from './pods.ts'
import type { PodRooms } from './rooms.ts'

/** The logs of a pod's containers, or of one. @throws LibpodError POD_UNKNOWN, CONTAINER_UNKNOWN */
export async function logsOfPod(
  rooms: PodRooms,
  name: string,
  { container, ...options }: PodLogOptions & Call = {},
): Promise<readonly ContainerLog[]> {
  const all = (await membersOf(rooms, findPod(rooms, name))).toSorted((one, other) => one.created - other.created)
  const wanted = all.filter(({ id, name: own }) => container === undefined || container === id || container === own)
  if (container !== undefined && wanted.length === 0)
    throw new LibpodError('CONTAINER_UNKNOWN', `container ${container} is not in pod ${name}: no such container`, {
      subject: container,
    })
  const records = ({ id, infra }: Member): AsyncIterable<LogRecord> =>
    infra === 'yes' ? nothing() : rooms.containers.logs(id, options)
  return wanted.map(member => ({ id: member.id, name: member.name, records: records(member) }))
}

/** The infra container has no log, and nothing to say. */
async function* nothing(): AsyncGenerator<LogRecord> {}
