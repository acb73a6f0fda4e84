import type { Call } from '../spec/call.ts'
import type { VolumeSpec } from '../spec/volume.ts'

export interface VolumeRecord {
  readonly name: string
  readonly driver: string
  /** '' for a plugin's that nobody uses. */
  readonly mountPoint: string
  readonly createdAt: string
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly anonymous: 'yes' | 'no'
  readonly uid: number
  readonly gid: number
  readonly mountCount: number
  readonly needsCopyUp: 'yes' | 'no'
  readonly needsChown: 'yes' | 'no'
  /** Of the driver `image`: the container of the store that has its files. */
  readonly storageId?: string
}

/** Where a volume is about to be mounted. */
export interface VolumePlace {
  /** The container's mounted root file system. */
  readonly root: string
  readonly destination: string
  /** As of `--volume`; `nocopy` leaves an empty volume empty. */
  readonly options: readonly string[]
  /** Who owns a volume for which the image has nothing. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** What asking the volume plugins has changed. */
export interface VolumeReload {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Of plugins that did not answer and volumes that could not be changed; the rest was done. */
  readonly errors: readonly Error[]
}

/** Named volumes. `name` accepts a unique prefix; rejects with VOLUME_UNKNOWN, VOLUME_IN_USE, NAME_IN_USE. */
export interface Volumes {
  create(spec: VolumeSpec, call?: Call): Promise<VolumeRecord>
  list(filters?: Readonly<Record<string, readonly string[]>>, call?: Call): Promise<readonly VolumeRecord[]>
  inspect(name: string, call?: Call): Promise<VolumeRecord>
  exists(name: string, call?: Call): Promise<boolean>
  /** With `kill`, containers that use it are removed too. */
  remove(
    name: string,
    options?: { readonly users?: 'refuse' | 'remove'; readonly timeout?: number } & Call,
  ): Promise<void>
  prune(
    filters?: Readonly<Record<string, readonly string[]>>,
  ): Promise<readonly { readonly id: string; readonly size: number; readonly error?: Error }[]>
  /** Learns from the volume plugins of containers.conf what volumes they keep. */
  reload(call?: Call): Promise<VolumeReload>
  /** Counts a user; the directory to bind. */
  mount(name: string, call?: Call): Promise<string>
  /** As `mount`, and on the volume's first use filled with what the container's root has at its place. */
  mountFor(name: string, place: VolumePlace, call?: Call): Promise<string>
  unmount(name: string, call?: Call): Promise<void>
  export(name: string, call?: Call): AsyncIterable<Uint8Array>
  import(name: string, tar: AsyncIterable<Uint8Array>, call?: Call): Promise<void>
}
