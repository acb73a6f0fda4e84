import type { DriverName } from '../config/options.ts'
import type { LayerId, MountLayerOptions } from '../layers/layers.ts'

/** What a layer stands on, and what stands on it. */
export interface Place {
  readonly parent: LayerId | undefined
  readonly children: readonly LayerId[]
}

/**
 * Keeps the files of layers below its home. It knows nothing of records: callers hold `layers.lock` for writing around
 * `create`, `adopt` and `retire`, and `storage.lock` too around `mount` and `unmount`. Each step may be cut off by a
 * crash; `retire` then removes whatever there is.
 */
export interface Driver {
  readonly name: DriverName
  /** `GR/<name>`. */
  readonly home: string
  /** The home of image layers, which `adopt` makes; the same unless there is a separate image store. */
  readonly imageHome: string
  /** Where a layer is unpacked before it has an id. Renamed from there, so on the same file system. */
  readonly staging: string
  readonly can: { readonly idmap: boolean; readonly nativeDiff: boolean }
  /** How deletions are written into a diff directory. */
  readonly opaqueAttribute: string
  /** Whether deletions may also be files named `.wh.…`, as fuse-overlayfs makes them. */
  readonly whiteoutFiles: 'yes' | 'no'
  has(id: LayerId): boolean
  /** An empty layer. @throws StorageError LAYER_UNKNOWN when the parent's files are missing, DRIVER_UNSUPPORTED when too deep */
  create(id: LayerId, parent: LayerId | undefined): void
  /** A layer out of an unpacked directory, which it takes. */
  adopt(id: LayerId, parent: LayerId | undefined, unpacked: string): void
  /** As {@link adopt} for a layer whose files were lost, so that `children`, which stand on it, find it again. */
  restore(id: LayerId, place: Place, unpacked: string): void
  /** Where the layer's own files are. */
  diffPath(id: LayerId): string
  /** The parents' own files, nearest first; with vfs none, for a layer holds everything. */
  lowerPaths(id: LayerId): readonly string[]
  /** Whether the layer's files say that it stands on `parent` and on all that is below that; absent where they need not. */
  isStacked?(id: LayerId, parent: LayerId | undefined): boolean
  /** Writes that anew; parents first. */
  restack?(id: LayerId, place: Place): void
  mountPoint(id: LayerId): string
  isMounted(id: LayerId): boolean
  mount(id: LayerId, options: MountLayerOptions): string
  unmount(id: LayerId): void
  /** Moves the layer's files into `trash`, to be removed at leisure; without one removes them. What does not exist is no error. */
  retire(id: LayerId, trash: string | undefined): void
  /** Called when the store closes; `idle` tells whether no layer is mounted. */
  close?(): void
}
