import type { DatabaseSync } from 'node:sqlite'
import type { ContainerId, ExecSpec } from '../containers/containers.ts'
import type { ProcessIdentity } from './container.ts'

/** An exec session that outlives the process that began it. */
export interface ExecRecord {
  readonly id: string
  readonly container: ContainerId
  readonly spec: ExecSpec
  readonly monitor?: ProcessIdentity
  readonly pid?: number
  readonly exitCode?: number
}

export class ExecTable {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  put(session: ExecRecord): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO exec_session (id, container, data) VALUES (?, ?, ?)')
      .run(session.id, session.container, JSON.stringify(session))
  }

  get(id: string): ExecRecord | undefined {
    const row = this.#database.prepare('SELECT data FROM exec_session WHERE id = ?').get(id)
    return row ? JSON.parse(String(row.data)) : undefined
  }

  of(container: ContainerId): readonly ExecRecord[] {
    return this.#database
      .prepare('SELECT data FROM exec_session WHERE container = ?')
      .all(container)
      .map(row => JSON.parse(String(row.data)))
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM exec_session WHERE id = ?').run(id)
  }
}
