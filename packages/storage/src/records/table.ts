import type { HeldLock, Lockfile } from '../locks/lockfile.ts'
import type { RecordFile, Stored } from './record-file.ts'

/** Removes what a dead process left half done, under the write lock; gives the slow part of it, to be done after the lock. */
export type Tidy<R extends Stored> = (draft: Draft<R>) => Promise<() => void> | (() => void)

const nothing = (): void => {}

/** All records of one kind: a lock and the files it guards, the stable one first. */
export class RecordTable<R extends Stored> {
  readonly lock: Lockfile
  readonly #files: readonly RecordFile<R>[]
  readonly #tidy: Tidy<R> | undefined
  readonly #second: Lockfile | undefined
  /** The token after our last change: while it stands nobody else wrote, or died writing. */
  #ownToken: Buffer | undefined

  /** `second` guards those of the files that lie in another store; it is held too while anything is changed. */
  constructor(
    lock: Lockfile,
    files: readonly RecordFile<R>[],
    { tidy, second }: { readonly tidy?: Tidy<R> | undefined; readonly second?: Lockfile | undefined } = {},
  ) {
    this.lock = lock
    this.#files = files
    this.#tidy = tidy
    this.#second = second
  }

  /** The records as they are, without a lock. Of two with one id the first file's counts. */
  read(): readonly R[] {
    const lists = this.#files.map(file => file.read())
    const first = lists[0] ?? []
    if (lists.every((list, at) => at === 0 || list.length === 0)) return first
    const known = new Set<string>()
    return lists.flat().filter(record => !known.has(record.id) && known.add(record.id))
  }

  /** Paths of files that are no list of records. */
  unreadable(): readonly string[] {
    return this.#files.filter(file => !file.isIntact()).map(file => file.path)
  }

  /** Keeps what can still be read of damaged files. */
  async salvage(): Promise<void> {
    if (this.unreadable().length === 0) return
    await this.lock.hold('write', held => {
      held.touch()
      for (const file of this.#files) if (!file.isIntact()) file.salvage()
    })
  }

  /** Runs `work` under the write lock on records that nobody else can change meanwhile. */
  async change<T>(work: (draft: Draft<R>) => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    let later = nothing
    const change = async (held: HeldLock): Promise<T> => {
      const draft = new Draft(this.#files, held)
      if (this.#tidy && !this.#ownToken?.equals(held.token())) later = await this.#tidy(draft)
      try {
        return await work(draft)
      } finally {
        this.#ownToken = held.token()
      }
    }
    const second = this.#second
    const both = second && ((held: HeldLock) => second.hold('write', also => change(together(held, also))))
    const result = await this.lock.hold('write', both ?? change, signal)
    later()
    return result
  }
}

/** Two locks held at once: whoever looks at either sees that something changes. */
function together(first: HeldLock, second: HeldLock): HeldLock {
  const touch = (): void => {
    first.touch()
    second.touch()
  }
  return { touch, token: () => Buffer.concat([first.token(), second.token()]) }
}

/** The records of a table under its write lock. Edits are in memory until `save`. */
export class Draft<R extends Stored> {
  readonly #files: readonly RecordFile<R>[]
  readonly #lists: R[][]
  readonly #held: HeldLock
  readonly #edited = new Set<number>()

  constructor(files: readonly RecordFile<R>[], held: HeldLock) {
    this.#files = files
    this.#held = held
    this.#lists = files.map(file => [...file.read()])
  }

  all(): readonly R[] {
    return this.#lists.length === 1 ? (this.#lists[0] ?? []) : this.#lists.flat()
  }

  find(id: string): R | undefined {
    for (const list of this.#lists) {
      const found = list.find(each => each.id === id)
      if (found) return found
    }
    return undefined
  }

  /** Appends to the file at `index`. */
  insert(record: R, index = 0): void {
    this.#lists[index]?.push(record)
    this.#edited.add(index)
  }

  /** Puts `record` in the place of the one with its id, or with the `id` that it had. */
  replace(record: R, id = record.id): void {
    this.#lists.forEach((list, index) => {
      const at = list.findIndex(each => each.id === id)
      if (at < 0) return
      list[at] = record
      this.#edited.add(index)
    })
  }

  drop(id: string): void {
    this.#lists.forEach((list, index) => {
      const at = list.findIndex(each => each.id === id)
      if (at < 0) return
      list.splice(at, 1)
      this.#edited.add(index)
    })
  }

  /** Says that files beside the records are about to change, so that the next holder looks whether that was finished. */
  announce(): void {
    this.#held.touch()
  }

  /** Writes the token, then every file that changed. */
  save(): void {
    if (this.#edited.size === 0) return
    this.#held.touch()
    for (const index of this.#edited) this.#files[index]?.write(this.#lists[index] ?? [])
    this.#edited.clear()
  }
}
