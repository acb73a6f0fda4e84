import type { DatabaseSync } from 'node:sqlite'
import type { ContainerId } from '../containers/containers.ts'
import { LibpodError } from '../errors.ts'
import type { ContainerConfig, ContainerRecord, ContainerStatus } from './container.ts'
import { transaction } from './open.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly created: number
  readonly config: string
  readonly status: string
}

const columns = 'id, name, created, config, status'

/** The containers of the database. Every method is one statement or one transaction. */
export class ContainerTable {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  all(): readonly ContainerRecord[] {
    return this.#rows(`SELECT ${columns} FROM container ORDER BY created`).map(record)
  }

  byId(id: string): ContainerRecord | undefined {
    return this.#rows(`SELECT ${columns} FROM container WHERE id = ?`, id).map(record)[0]
  }

  names(): readonly string[] {
    return this.#database
      .prepare('SELECT name FROM container')
      .all()
      .map(row => String(row.name))
  }

  /** By name, id or a prefix of an id that is one container's. @throws LibpodError CONTAINER_UNKNOWN, NAME_AMBIGUOUS */
  find(nameOrId: string): ContainerRecord {
    const exact = this.#rows(`SELECT ${columns} FROM container WHERE id = ?1 OR name = ?1`, nameOrId.replace(/^\//, ''))
    const found = exact.length > 0 || !/^[0-9a-f]{1,64}$/.test(nameOrId) ? exact : this.#byPrefix(nameOrId)
    const [first, second] = found
    if (!first) throw unknownContainer(nameOrId)
    if (second)
      throw new LibpodError(
        'NAME_AMBIGUOUS',
        `more than one result for container ID ${nameOrId}: container state ambiguous`,
        { subject: nameOrId },
      )
    return record(first)
  }

  #byPrefix(prefix: string): readonly Row[] {
    return this.#rows(`SELECT ${columns} FROM container WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2`, prefix)
  }

  /** Reserves id and name with everything that refers to them, if what it refers to is still there. @throws LibpodError NAME_IN_USE, POD_UNKNOWN, CONTAINER_UNKNOWN, CONTAINER_STATE */
  insert(
    record: ContainerRecord,
    uses: {
      readonly needs: readonly string[]
      readonly volumes: readonly string[]
      readonly networks: readonly string[]
    },
  ): void {
    transaction(this.#database, () => {
      this.#checkName(record.name)
      this.#checkReferences(record.config, uses.needs)
      this.#run(
        `INSERT INTO container (${columns}) VALUES (?, ?, ?, ?, ?)`,
        record.id,
        record.name,
        record.created,
        JSON.stringify(record.config),
        JSON.stringify(record.status),
      )
      for (const id of uses.needs)
        this.#run('INSERT OR IGNORE INTO dependency (container, needs) VALUES (?, ?)', record.id, id)
      for (const name of uses.volumes)
        this.#run('INSERT OR IGNORE INTO volume_user (volume, container) VALUES (?, ?)', name, record.id)
      for (const name of uses.networks)
        this.#run('INSERT OR IGNORE INTO network_user (network, container) VALUES (?, ?)', name, record.id)
    })
  }

  #checkReferences({ podId }: ContainerConfig, needs: readonly string[]): void {
    if (podId !== undefined && !this.#database.prepare('SELECT 1 FROM pod WHERE id = ?').get(podId))
      throw new LibpodError('POD_UNKNOWN', `no pod with name or ID ${podId} found: no such pod`, { subject: podId })
    for (const id of needs) {
      const needed = this.byId(id)
      if (!needed) throw unknownContainer(id)
      if (needed.status.state === 'removing') throw beingRemoved(needed)
    }
  }

  /** The container or pod of this name. */
  #ownerOf(name: string): string | undefined {
    const container = this.#rows(`SELECT ${columns} FROM container WHERE name = ?`, name)[0]
    const pod = this.#database.prepare('SELECT id FROM pod WHERE name = ?').get(name) as { id: string } | undefined
    return container?.id ?? pod?.id
  }

  #checkName(name: string): void {
    const owner = this.#ownerOf(name)
    if (!owner) return
    throw new LibpodError(
      'NAME_IN_USE',
      `creating container storage: the container name "${name}" is already in use by ${owner}. You have to remove that container to be able to reuse that name: that name is already in use, or use --replace to instruct Podman to do so.`,
      { subject: name },
    )
  }

  rename(id: ContainerId, name: string): void {
    transaction(this.#database, () => {
      if (this.#ownerOf(name) !== undefined)
        throw new LibpodError(
          'NAME_IN_USE',
          `name ${name} already in use, cannot rename container ${id}: container already exists`,
          { subject: name },
        )
      this.#run('UPDATE container SET name = ? WHERE id = ?', name, id)
    })
  }

  setConfig(id: ContainerId, config: ContainerConfig): void {
    this.#run('UPDATE container SET config = ? WHERE id = ?', JSON.stringify(config), id)
  }

  setStatus(id: ContainerId, status: ContainerStatus): void {
    this.#run('UPDATE container SET status = ? WHERE id = ?', JSON.stringify(status), id)
  }

  /** Begins to remove it: nothing that needs it can be made from now on. @throws LibpodError CONTAINER_IN_USE when something does */
  setRemoving(id: ContainerId, status: ContainerStatus): void {
    transaction(this.#database, () => {
      const dependents = this.dependentsOf(id)
      if (dependents.length > 0) throw neededBy(id, dependents)
      this.setStatus(id, { ...status, state: 'removing' })
    })
  }

  /** Forgets the container; its exit code stays readable for those who wait. */
  delete(id: ContainerId, exitCode: number): void {
    transaction(this.#database, () => {
      const now = Date.now()
      this.#run('DELETE FROM exit_code WHERE at < ?', now - 300_000)
      this.#run('INSERT OR REPLACE INTO exit_code (id, at, code) VALUES (?, ?, ?)', id, now, exitCode)
      this.#run('DELETE FROM container WHERE id = ?', id)
    })
  }

  exitCodeOfRemoved(id: string): number | undefined {
    const row = this.#database.prepare('SELECT code FROM exit_code WHERE id = ?').get(id) as
      | { code: number }
      | undefined
    return row?.code
  }

  /** Ids of the containers that need this one. */
  dependentsOf(id: ContainerId): readonly ContainerId[] {
    const rows = this.#database.prepare('SELECT container FROM dependency WHERE needs = ?').all(id)
    return rows.map(row => row.container as ContainerId)
  }

  needsOf(id: ContainerId): readonly ContainerId[] {
    const rows = this.#database.prepare('SELECT needs FROM dependency WHERE container = ?').all(id)
    return rows.map(row => row.needs as ContainerId)
  }

  usersOfVolume(name: string): readonly ContainerId[] {
    return this.#database
      .prepare('SELECT container FROM volume_user WHERE volume = ?')
      .all(name)
      .map(row => row.container as ContainerId)
  }

  usersOfNetwork(name: string): readonly ContainerId[] {
    return this.#database
      .prepare('SELECT container FROM network_user WHERE network = ?')
      .all(name)
      .map(row => row.container as ContainerId)
  }

  #rows(sql: string, ...values: (string | number)[]): readonly Row[] {
    return this.#database.prepare(sql).all(...values) as unknown as readonly Row[]
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#database.prepare(sql).run(...values)
  }
}

const record = (row: Row): ContainerRecord => ({
  ...row,
  id: row.id as ContainerId,
  config: JSON.parse(row.config),
  status: JSON.parse(row.status),
})

export const unknownContainer = (nameOrId: string): LibpodError =>
  new LibpodError('CONTAINER_UNKNOWN', `no container with name or ID "${nameOrId}" found: no such container`, {
    subject: nameOrId,
  })

export const beingRemoved = ({ id, name }: Pick<ContainerRecord, 'id' | 'name'>): LibpodError =>
  new LibpodError('CONTAINER_STATE', `container ${id} is being removed: container state improper`, { subject: name })

export const neededBy = (id: ContainerId, dependents: readonly ContainerId[]): LibpodError =>
  new LibpodError(
    'CONTAINER_IN_USE',
    `container ${id} has dependent containers which must be removed before it: ${dependents.join(', ')}: container already exists`,
    { subject: id },
  )
