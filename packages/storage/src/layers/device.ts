import { syncInThread } from '../worker/syncing.ts'

/** Counts what happens in this process, to tell what came after what. */
let now = 0
export const tick = (): number => ++now

/** So much is worth a sync before the last, in bytes. */
const worthwhile = 64 << 20

/** What has come to the device of one file system, by {@link tick}'s clock. One sync serves all who wait. */
export class Device {
  /** All that was there by then is on the device. */
  #written = 0
  /** What was being written until then may be lost. */
  #failure: { readonly at: number; readonly error: unknown } | undefined
  #syncing: Promise<void> | undefined
  /** Bytes that came since the last sync began. */
  #fresh = 0
  readonly #write: () => Promise<void>

  constructor(write: () => Promise<void>) {
    this.#write = write
  }

  /** Takes note of bytes that were written to files. While others go on a sync begins, so that the last one finds less to do. */
  add(bytes: number, others: 'go on' | 'none'): void {
    this.#fresh += bytes
    if (others === 'none' || this.#fresh < worthwhile || this.#syncing) return
    this.#sync().catch(() => {}) // told to whoever waits
  }

  /** Resolves when what was there at `until` is on the device, having come since `from`. */
  async holds({ from, until }: { readonly from: number; readonly until: number }): Promise<void> {
    for (;;) {
      if (this.#failure && from < this.#failure.at) throw this.#failure.error
      if (this.#written >= until) return
      await (this.#syncing ?? this.#sync()).catch(() => {})
    }
  }

  #sync(): Promise<void> {
    const begun = tick()
    this.#fresh = 0
    this.#syncing = this.#write()
      .then(
        () => {
          this.#written = begun
        },
        (error: unknown) => {
          this.#failure = { at: tick(), error }
          throw error
        },
      )
      .finally(() => {
        this.#syncing = undefined
      })
    return this.#syncing
  }
}

const devices = new Map<string, Device>()

/** The one that holds a directory. */
export function deviceOf(directory: string): Device {
  const device = devices.get(directory) ?? new Device(() => syncInThread(directory))
  devices.set(directory, device)
  return device
}
