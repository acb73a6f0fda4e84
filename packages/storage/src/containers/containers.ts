import type { Call } from '../call.ts'
import type { Digest } from '../digest.ts'
import type { IdMapping, IdMappings } from '../idmap/mapping.ts'
import type { BigDataItem } from '../images/images.ts'
import type { LayerId } from '../layers/layers.ts'

export type ContainerId = string

/** One container as recorded: a read-write layer, two directories and a caller's text. */
export interface ContainerRecord {
  readonly id: ContainerId
  readonly names: readonly string[]
  /** '' when made without an image. */
  readonly image: string
  readonly layer: LayerId
  /** Free text of the tool that made it; JSON with Podman and Buildah. */
  readonly metadata: string
  readonly created: string
  readonly bigDataNames: readonly string[]
  readonly bigDataSizes: Readonly<Record<string, number>>
  readonly bigDataDigests: Readonly<Record<string, Digest>>
  readonly uidMap: readonly IdMapping[]
  readonly gidMap: readonly IdMapping[]
  readonly mountLabel: string
  readonly processLabel: string
  readonly mountOptions: readonly string[]
  readonly volatile: 'yes' | 'no'
}

export interface CreateStorageContainer {
  /** 64 random hex digits when left out. */
  readonly id?: ContainerId
  readonly names?: readonly string[]
  readonly image?: string
  /** An existing layer to use as it is; otherwise a fresh one on top of the image's. */
  readonly layer?: LayerId
  readonly metadata?: string
  readonly mountLabel?: string
  readonly processLabel?: string
  /** Overlay options for this container's mount, instead of the store's. */
  readonly mountOptions?: readonly string[]
  /** `yes`: not synced and, where the store says so, not kept over a boot. */
  readonly volatile?: 'yes' | 'no'
  /**
   * How its ids are shifted on the host: seen so through idmapped mounts, or, where the driver cannot, given to the shifted
   * owners in a layer that is made once for each mapping.
   */
  readonly mappings?: IdMappings
}

/** Bytes that a container wrote on top of its image, those in its own directories included, and of the whole tree. */
export interface ContainerSize {
  readonly written: number
  readonly total: number
}

/** The containers of a store: Podman's, Buildah's, CRI-O's and ours alike. */
export interface StorageContainers {
  /** @throws StorageError ID_IN_USE, NAME_IN_USE, IMAGE_UNKNOWN, LAYER_UNKNOWN */
  create(as: CreateStorageContainer, call?: Pick<Call, 'signal'>): Promise<ContainerRecord>
  /** By exact id, name, layer id or unique id prefix. @throws StorageError AMBIGUOUS_ID */
  get(idOrName: string): Promise<ContainerRecord | undefined>
  list(): Promise<readonly ContainerRecord[]>
  /** `GR/DRV-containers/<id>/userdata`: the caller's, kept until removal. */
  directory(id: ContainerId): string
  /** `RR/DRV-containers/<id>/userdata`: the caller's, gone at boot. */
  runDirectory(id: ContainerId): string
  mount(id: ContainerId, call?: Pick<Call, 'signal'>): Promise<string>
  unmount(id: ContainerId, how?: 'once' | 'force'): Promise<void>
  setNames(id: ContainerId, names: readonly string[]): Promise<void>
  setMetadata(id: ContainerId, metadata: string): Promise<void>
  bigData(id: ContainerId, key: string): Promise<Uint8Array>
  setBigData(id: ContainerId, item: BigDataItem): Promise<void>
  size(id: ContainerId, call?: Pick<Call, 'signal'>): Promise<ContainerSize>
  /** Unmounts by force, then drops layer, directories and record. @throws StorageError CONTAINER_UNKNOWN */
  remove(id: ContainerId): Promise<void>
}
