import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Lockfile } from '@libpod/storage'
import { randomBytes } from '@libpod/syscall'
import type { SecretRecord } from './secrets.ts'

interface Database {
  readonly secrets: Readonly<Record<string, SecretRecord>>
}

/** `secrets.json` of containers/common: the records, and an index in both directions. Every change is made under `secrets.lock`. */
export class SecretDatabase {
  readonly #directory: string
  readonly #lock: Lockfile

  constructor(directory: string) {
    this.#directory = directory
    this.#lock = new Lockfile(join(directory, 'secrets.lock'))
  }

  async all(): Promise<readonly SecretRecord[]> {
    return Object.values((await readDatabase(this.#path)).secrets)
  }

  /** Edits the records; what `edit` returns is written. */
  async change<T>(edit: (records: Map<string, SecretRecord>) => T | Promise<T>): Promise<T> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    return this.#lock.hold('write', async held => {
      const records = new Map(Object.entries((await readDatabase(this.#path)).secrets))
      const result = await edit(records)
      held.touch()
      await replaceFile(this.#path, JSON.stringify(layout(records)))
      return result
    })
  }

  get #path(): string {
    return join(this.#directory, 'secrets.json')
  }
}

function layout(records: ReadonlyMap<string, SecretRecord>): object {
  const named = [...records.values()]
  return {
    secrets: Object.fromEntries(named.map(record => [record.id, { metadata: {}, ...record }])),
    nameToID: Object.fromEntries(named.map(({ name, id }) => [name, id])),
    idToName: Object.fromEntries(named.map(({ name, id }) => [id, name])),
  }
}

async function readDatabase(path: string): Promise<Database> {
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === undefined || text === '') return { secrets: {} }
  const { secrets = {} } = JSON.parse(text) as Partial<Database>
  return { secrets: Object.fromEntries(Object.entries(secrets).map(([id, record]) => [id, completed(record)])) }
}

/** Podman 4 knows neither labels nor a time of update, and forgets those of others when it writes. */
const completed = (record: SecretRecord): SecretRecord => ({
  ...record,
  labels: record.labels ?? {},
  updatedAt: record.updatedAt ?? record.createdAt,
})

export function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Old content or new, never half of it; readable by the owner alone. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}
