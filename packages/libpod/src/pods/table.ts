import type { DatabaseSync } from 'node:sqlite'
import { LibpodError } from '../errors.ts'
import type { PodSpec } from '../spec/pod.ts'
import { transaction } from '../state/open.ts'

export type Shared = 'net' | 'ipc' | 'uts' | 'pid' | 'user' | 'cgroup'

/** What was decided when the pod was made. */
export interface PodConfig {
  readonly spec: PodSpec
  readonly hostname: string
  readonly shares: readonly Shared[]
  readonly infra: 'yes' | 'no'
  readonly exitPolicy: 'continue' | 'stop'
  /** The control group that its containers' lie below: a path, or a slice. */
  readonly cgroup: string
}

export interface PodRecord {
  readonly id: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly config: PodConfig
  /** '' before it is made, and without one. */
  readonly infraId: string
}

/** Whether its user namespace is another than the host's. */
export function hasOwnUsers(security: PodSpec['security']): boolean {
  const mode = security?.namespaces?.user?.kind
  return security?.idMappings !== undefined || (mode !== undefined && mode !== 'host')
}

interface Row {
  readonly id: string
  readonly name: string
  readonly created: number
  readonly config: string
  readonly status: string
}

const read = ({ id, name, created, config, status }: Row): PodRecord => ({
  id,
  name,
  created,
  config: JSON.parse(config) as PodConfig,
  infraId: (JSON.parse(status) as { readonly infraId: string }).infraId,
})

/** The pods of the database. Every method is one statement or one transaction. */
export class PodTable {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  all(): readonly PodRecord[] {
    return (this.#database.prepare('SELECT * FROM pod ORDER BY created').all() as unknown as Row[]).map(read)
  }

  byId(id: string): PodRecord | undefined {
    const row = this.#database.prepare('SELECT * FROM pod WHERE id = ?').get(id) as Row | undefined
    return row && read(row)
  }

  /** By name, id or a prefix that is one pod's. @throws LibpodError POD_UNKNOWN, NAME_AMBIGUOUS */
  find(text: string): PodRecord {
    const all = this.all()
    const exact = all.find(({ id, name }) => id === text || name === text)
    if (exact) return exact
    const found = text === '' ? [] : all.filter(({ id }) => id.startsWith(text))
    const [only] = found
    if (only && found.length === 1) return only
    if (only)
      throw new LibpodError('NAME_AMBIGUOUS', `more than one result for pod ID ${text}: pod already exists`, {
        subject: text,
      })
    throw new LibpodError('POD_UNKNOWN', `no pod with name or ID ${text} found: no such pod`, { subject: text })
  }

  /** Containers and pods share their names. @throws LibpodError NAME_IN_USE */
  insert({ id, name, created, config, infraId }: PodRecord): void {
    transaction(this.#database, () => {
      const pod = this.#database.prepare('SELECT id FROM pod WHERE name = ?').get(name)
      const container = this.#database.prepare('SELECT id FROM container WHERE name = ?').get(name)
      if (pod) throw inUse(name, `pod ${String(pod.id)}: pod already exists`)
      if (container) throw inUse(name, `container ${String(container.id)}: container already exists`)
      this.#database
        .prepare('INSERT INTO pod (id, name, created, config, status) VALUES (?, ?, ?, ?, ?)')
        .run(id, name, created, JSON.stringify(config), JSON.stringify({ infraId }))
    })
  }

  setInfra(id: string, infraId: string): void {
    this.#database.prepare('UPDATE pod SET status = ? WHERE id = ?').run(JSON.stringify({ infraId }), id)
  }

  delete(id: string): void {
    this.#database.prepare('DELETE FROM pod WHERE id = ?').run(id)
  }
}

const inUse = (name: string, by: string): LibpodError =>
  new LibpodError('NAME_IN_USE', `adding pod to state: name ${JSON.stringify(name)} is in use: by ${by}`, {
    subject: name,
  })
