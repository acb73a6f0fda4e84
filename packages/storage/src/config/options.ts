/** Which driver keeps the layers' files. */
export type DriverName = 'overlay' | 'vfs'

/** Where a store is and how it works; what storage.conf says after every override (storage.conf(5)). All paths absolute. */
export interface StoreOptions {
  readonly graphRoot: string
  readonly runRoot: string
  /** Absent: the driver that the graph root already holds, else overlay where it works, else vfs. */
  readonly driver?: DriverName
  /** `overlay.mountopt=nodev`, `vfs.ignore_chown_errors=true` … */
  readonly driverOptions: readonly string[]
  /** A second root for images and their layers; containers stay in the graph root. */
  readonly imageStore?: string
  /** Graph roots of other stores, used read-only. */
  readonly additionalImageStores: readonly string[]
  /** `yes`: containers are recorded below the run root and vanish at boot. */
  readonly transient: 'yes' | 'no'
  /** Whether a layer's file system is synced before the layer is recorded. */
  readonly sync: 'filesystem' | 'none'
  /** `[storage.options.pull_options]`, as written. */
  readonly pullOptions: Readonly<Record<string, string>>
  readonly autoUserns: { readonly user?: string; readonly minSize: number; readonly maxSize: number }
  /** The files the options came from, in the order they were read. */
  readonly files: readonly string[]
}
