import { syncInThread } from '../worker/syncing.ts'

/** Counts what happens in this process, to tell what came after what. */
let now = 0
export const tick = (): number => ++now

/** What has come to the device of one file system, by {@link tick}'s clock. One sync serves all who wait. */
export class Device {
  /** All that was there by then is on the device. */
  #written = 0
  /** What was being written until then may be lost: the kernel tells of it only once. */
  #failure: { readonly at: number; readonly error: unknown } | undefined
  #syncing: Promise<void> | undefined
  readonly #write: () => Promise<void>

  constructor(write: () => Promise<void>) {
    this.#write = write
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
