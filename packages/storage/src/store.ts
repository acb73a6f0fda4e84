import type { DriverName } from './config/options.ts'
import type { StorageContainers } from './containers/containers.ts'
import type { Images } from './images/images.ts'
import type { Layers } from './layers/layers.ts'

/** One containers/storage store, shared with every other process that uses the same directories. */
export interface Store extends AsyncDisposable {
  readonly graphRoot: string
  readonly runRoot: string
  readonly driverName: DriverName
  readonly layers: Layers
  readonly images: Images
  readonly containers: StorageContainers
  /** Ends worker threads; nothing else stays open. */
  close(): Promise<void>
}
