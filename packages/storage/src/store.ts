import { mkdirSync } from 'node:fs'
import type { DriverName, StoreOptions } from './config/options.ts'
import type { StorageContainers } from './containers/containers.ts'
import { containersOf } from './containers/service.ts'
import type { Images } from './images/images.ts'
import { imagesOf } from './images/service.ts'
import type { Layers } from './layers/layers.ts'
import { layersOf } from './layers/service.ts'
import { furnish, type Room, settleDriver } from './room.ts'

/** One containers/storage store, shared with every other process that uses the same directories. */
export interface Store extends AsyncDisposable {
  readonly graphRoot: string
  readonly runRoot: string
  readonly driverName: DriverName
  /** `[storage.options.pull_options]`, for whoever fills the store (containers-storage.conf(5)). */
  readonly pullOptions: StoreOptions['pullOptions']
  readonly layers: Layers
  readonly images: Images
  readonly containers: StorageContainers
  /** Takes away the bind mount of its home when no layer is mounted; nothing else stays open. */
  close(): Promise<void>
}

const rooms = new WeakMap<Store, Room>()

/** What is behind a store that {@link openStore} made. */
export function roomOf(store: Store): Room {
  const room = rooms.get(store)
  if (room === undefined) throw new TypeError('not a store of openStore')
  return room
}

/**
 * Opens a store: makes its roots where they are missing and reads nothing else. What a dead process left half done is
 * removed by the first change that comes across it.
 * @throws StorageError OPTION_INVALID, DRIVER_UNKNOWN
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const room = await furnish(options)
  const { driver } = room
  for (const home of [driver.home, driver.imageHome]) mkdirSync(home, { recursive: true, mode: 0o700 })
  const close = (): Promise<void> => settleDriver(room)
  const store: Store = {
    graphRoot: options.graphRoot,
    runRoot: options.runRoot,
    driverName: driver.name,
    pullOptions: options.pullOptions,
    layers: layersOf(room),
    images: imagesOf(room),
    containers: containersOf(room),
    close,
    [Symbol.asyncDispose]: close,
  }
  rooms.set(store, room)
  return store
}
