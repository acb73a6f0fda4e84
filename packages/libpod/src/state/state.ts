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

/** @throws LibpodError CONFIG_INVALID */
export function openState(path: string): State {
  const database = openDatabase(path)
  return {
    database,
    containers: new ContainerTable(database),
    execSessions: new ExecTable(database),
    [Symbol.dispose]: () => database.close(),
  }
}
