import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { ContainerTable } from './containers.ts'
import { ExecTable } from './exec-sessions.ts'
import { openDatabase } from './open.ts'

/** The engine's memory: one SQLite file, a table per noun. */
export interface State extends Disposable {
  readonly database: DatabaseSync
  readonly containers: ContainerTable
  readonly execSessions: ExecTable
}

/** Bytes of a write-ahead log that the next opener reads in no time. */
const shortLog = 1 << 20

/**
 * The last connection that closes empties the log, which waits for the disk twice. A short log is left as it is: the connection is
 * not closed but forgotten, at the latest with the process.
 * @throws LibpodError CONFIG_INVALID
 */
export function openState(path: string): State {
  const database = openDatabase(path)
  return {
    database,
    containers: new ContainerTable(database),
    execSessions: new ExecTable(database),
    [Symbol.dispose]: () => {
      if (logSize(path) > shortLog) database.close()
    },
  }
}

const logSize = (path: string): number => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
