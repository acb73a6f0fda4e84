import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isStorageError, StorageError } from '../errors.ts'
import { type Durability, rewrite } from './atomic-write.ts'
import { salvageRecords } from './salvage.ts'
import { isIntact, isRecord } from './shape.ts'

/** Anything kept in one of the store's JSON arrays. */
export interface Stored {
  readonly id: string
}

/**
 * One JSON array of records. It is only ever replaced whole, so a reader needs no lock: it sees one writer's work or the
 * next one's. What was parsed is kept until the file is another.
 */
export class RecordFile<R extends Stored> {
  readonly path: string
  readonly durability: Durability
  #key = ''
  #records: readonly R[] = []

  constructor(path: string, durability: Durability = 'durable') {
    this.path = path
    this.durability = durability
  }

  /** The records as they are now; a missing or empty file holds none. @throws StorageError STORE_DAMAGED */
  read(): readonly R[] {
    const seen = statSync(this.path, { bigint: true, throwIfNoEntry: false })
    if (seen === undefined) return this.#keep('', [])
    if (keyOf(seen) === this.#key) return this.#records
    const fd = openSync(this.path, 'r')
    try {
      const opened = fstatSync(fd, { bigint: true })
      const key = isSettled(opened.ctimeNs, Date.now()) ? keyOf(opened) : ''
      return this.#keep(key, parseRecords<R>(readFileSync(fd, 'utf8'), this.path))
    } finally {
      closeSync(fd)
    }
  }

  /** Replaces the file. Only under the write lock, after its token was touched. */
  write(records: readonly R[]): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 })
    rewrite(this.path, JSON.stringify(records), this.durability)
    this.#key = ''
  }

  /** Whether every program can read everything in it. */
  isIntact(): boolean {
    try {
      return this.read().every(isIntact)
    } catch (error) {
      if (isStorageError(error, 'STORE_DAMAGED')) return false
      throw error
    }
  }

  /** Writes anew what can be read of a damaged file, which is kept beside it as `*.damaged`. Under the write lock. */
  salvage(): void {
    copyFileSync(this.path, `${this.path}.damaged`)
    const { mtime } = statSync(this.path)
    this.write(salvageRecords<R>(readFileSync(this.path, 'utf8'), mtime.toISOString()))
  }

  #keep(key: string, records: readonly R[]): readonly R[] {
    this.#key = key
    this.#records = records
    return records
  }
}

interface FileIdentity {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

const keyOf = (file: FileIdentity): string => `${file.dev}:${file.ino}:${file.size}:${file.mtimeNs}:${file.ctimeNs}`

/** Longer than any kernel's clock of files stands still, in milliseconds. */
const clockTick = 20

/**
 * Whether a file that changed then is told by its times from all that come after it. One that was replaced within the same
 * tick by another of its size, in the inode that became free, would look the same.
 */
export function isSettled(changedNs: bigint, nowMs: number): boolean {
  const age = nowMs - Number(changedNs / 1_000_000n)
  return age > clockTick
}

/** The records in a file's text. @throws StorageError STORE_DAMAGED when it is no array of records with ids */
export function parseRecords<R extends Stored>(text: string, path: string): readonly R[] {
  if (text.trim() === '') return []
  const parsed = parseJson(text, path)
  if (parsed === null) return []
  if (!Array.isArray(parsed)) throw damaged(path, 'is not a JSON array')
  const at = parsed.findIndex(each => !isRecord(each))
  if (at >= 0) throw damaged(path, `has a record that is none: number ${at}`)
  return parsed as R[]
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damaged(path, 'is not valid JSON', cause)
  }
}

function damaged(path: string, what: string, cause?: unknown): StorageError {
  const hint = 'repairStore can rebuild the records from what lies beside them'
  return new StorageError('STORE_DAMAGED', `${path} ${what}`, { subject: path, hint, cause })
}
