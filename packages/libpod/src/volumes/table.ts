import type { DatabaseSync } from 'node:sqlite'
import { LibpodError } from '../errors.ts'
import { transaction } from '../state/open.ts'

/** What was decided when the volume was made. */
export interface VolumeConfig {
  readonly driver: string
  readonly labels: Readonly<Record<string, string>>
  /** `type`, `device`, `o` … as asked for. */
  readonly options: Readonly<Record<string, string>>
  readonly anonymous: 'yes' | 'no'
  readonly uid: number
  readonly gid: number
  /** With the driver `image`: the container of the store that has its files. */
  readonly storageId?: string
}

/** What happened to it since. */
export interface VolumeStatus {
  readonly mountCount: number
  /** The boot in which it was mounted: counts of an earlier one mean nothing. */
  readonly bootId?: string
  /** Where the plugin has it while it is mounted. */
  readonly mountPoint?: string
  /** Neither filled from an image nor found to need no filling. */
  readonly needsCopyUp: 'yes' | 'no'
  /** Its owner is still to become the first container's user. */
  readonly needsChown: 'yes' | 'no'
  /** Whose it became by that. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

export interface StoredVolume {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly config: VolumeConfig
  readonly status: VolumeStatus
}

interface Row {
  readonly name: string
  readonly created: number
  readonly config: string
  readonly status: string
}

const read = ({ name, created, config, status }: Row): StoredVolume => ({
  name,
  created,
  config: JSON.parse(config) as VolumeConfig,
  status: JSON.parse(status) as VolumeStatus,
})

/** The volumes of the database. Every method is one statement or one transaction. */
export class VolumeTable {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  all(): readonly StoredVolume[] {
    return (this.#database.prepare('SELECT * FROM volume ORDER BY name').all() as unknown as Row[]).map(read)
  }

  byName(name: string): StoredVolume | undefined {
    const row = this.#database.prepare('SELECT * FROM volume WHERE name = ?').get(name) as Row | undefined
    return row && read(row)
  }

  /** By name, else by a beginning that only one name has. @throws LibpodError VOLUME_UNKNOWN, NAME_AMBIGUOUS */
  find(text: string): StoredVolume {
    const exact = this.byName(text)
    if (exact) return exact
    const found = text === '' ? [] : this.all().filter(({ name }) => name.startsWith(text))
    const [only] = found
    if (only && found.length === 1) return only
    if (only)
      throw new LibpodError(
        'NAME_AMBIGUOUS',
        `more than one result for volume name ${JSON.stringify(text)}: volume already exists`,
        { subject: text },
      )
    throw new LibpodError('VOLUME_UNKNOWN', `no volume with name ${JSON.stringify(text)} found: no such volume`, {
      subject: text,
    })
  }

  /** False when the name is taken. */
  insert({ name, created, config, status }: StoredVolume): boolean {
    const { changes } = this.#database
      .prepare('INSERT OR IGNORE INTO volume (name, created, config, status) VALUES (?, ?, ?, ?)')
      .run(name, created, JSON.stringify(config), JSON.stringify(status))
    return changes > 0
  }

  /** Changes the status from what it is at that moment. @throws LibpodError VOLUME_UNKNOWN */
  change(
    name: string,
    edit: (volume: StoredVolume) => VolumeStatus,
  ): { readonly before: StoredVolume; readonly after: VolumeStatus } {
    return transaction(this.#database, () => {
      const before = this.find(name)
      const after = edit(before)
      this.#database.prepare('UPDATE volume SET status = ? WHERE name = ?').run(JSON.stringify(after), before.name)
      return { before, after }
    })
  }

  setConfig(name: string, config: VolumeConfig): void {
    this.#database.prepare('UPDATE volume SET config = ? WHERE name = ?').run(JSON.stringify(config), name)
  }

  /** Forgets it, unless a container uses it; whether it did. */
  delete(name: string): boolean {
    const sql = 'DELETE FROM volume WHERE name = ? AND NOT EXISTS (SELECT 1 FROM volume_user WHERE volume = ?)'
    return this.#database.prepare(sql).run(name, name).changes > 0
  }

  users(name: string): readonly string[] {
    const rows = this.#database.prepare('SELECT container FROM volume_user WHERE volume = ?').all(name)
    return rows.map(row => String(row.container))
  }
}
