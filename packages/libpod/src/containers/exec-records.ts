import { join } from 'node:path'
import { removeTree } from '@libpod/storage'
import { isAlive } from '../host/process.ts'
import type { Rooms } from '../rooms.ts'
import type { ContainerRecord } from '../state/container.ts'
import { containerPaths } from './paths.ts'

type SessionRooms = Pick<Rooms, 'options' | 'state' | 'host'>

/** The directory of an exec session: conmon's bundle, socket and exit file. */
export const sessionDirectory = (rooms: Pick<Rooms, 'options'>, container: string, session: string): string =>
  join(containerPaths(rooms.options, container).bundle, session)

/** Forgets the sessions whose monitor has died without a last word, as after `kill -9`. */
export function sweepSessions(rooms: SessionRooms, { id }: Pick<ContainerRecord, 'id'>): void {
  for (const session of rooms.state.execSessions.of(id))
    if (!isAlive(session.monitor, rooms.host.bootId)) forgetSession(rooms, id, session.id)
}

/** Forgets all sessions: the container has ended, and they with it. */
export function forgetSessions(rooms: SessionRooms, { id }: Pick<ContainerRecord, 'id'>): void {
  for (const session of rooms.state.execSessions.of(id)) forgetSession(rooms, id, session.id)
}

/** The record and the files of one session; fine when they are gone. */
export function forgetSession(rooms: Pick<Rooms, 'options' | 'state'>, container: string, session: string): void {
  rooms.state.execSessions.delete(session)
  removeTree(sessionDirectory(rooms, container, session))
}
