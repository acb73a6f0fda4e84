import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LibpodError } from '../errors.ts'
import { migrations } from './schema.ts'

/**
 * Opens the engine's database, making or updating it. In WAL mode readers never wait for a writer; a crash loses at most what
 * was not committed. @throws LibpodError CONFIG_INVALID when a newer version of the engine has written it
 */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(path)
  database.exec(
    'PRAGMA busy_timeout = 60000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON',
  )
  migrate(database, path)
  return database
}

function migrate(database: DatabaseSync, path: string): void {
  if (version(database) === migrations.length) return
  transaction(database, () => {
    const seen = version(database)
    if (seen > migrations.length) {
      throw new LibpodError('CONFIG_INVALID', `${path} was written by a newer version of the engine`, {
        subject: path,
        hint: 'update this one',
      })
    }
    for (const step of migrations.slice(seen)) database.exec(step)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

const version = (database: DatabaseSync): number =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)

/** All of it or nothing; the write lock is taken at the beginning, so that two writers never both have read the same state. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
