import type { Call } from '../call.ts'
import type { Digest } from '../digest.ts'
import type { LayerId } from '../layers/layers.ts'

export type ImageId = string

/** One image as recorded. `created` RFC 3339. */
export interface ImageRecord {
  readonly id: ImageId
  readonly digest?: Digest
  /** `digest` and the digests of every `manifest*` item: what a reference with a digest may name. */
  readonly digests: readonly Digest[]
  readonly names: readonly string[]
  /** Every name it ever had, newest first. */
  readonly namesHistory: readonly string[]
  readonly layer?: LayerId
  readonly mappedLayers: readonly LayerId[]
  readonly metadata: string
  readonly bigDataNames: readonly string[]
  readonly bigDataSizes: Readonly<Record<string, number>>
  readonly bigDataDigests: Readonly<Record<string, Digest>>
  readonly created: string
  readonly readOnly: 'yes' | 'no'
}

export interface BigDataItem {
  readonly key: string
  readonly data: Uint8Array
  /** The item's digest where it is not simply the SHA-256 of the bytes (a signed schema 1 manifest). */
  readonly digest?: Digest
}

export interface CreateImage {
  /** 64 random hex digits when left out. */
  readonly id?: ImageId
  readonly names?: readonly string[]
  readonly layer?: LayerId
  readonly metadata?: string
  readonly created?: Date | string
  readonly digest?: Digest
  readonly bigData?: readonly BigDataItem[]
}

/** The images of a store. Changing one that lives in an additional store copies its record up. */
export interface Images {
  /** By exact id, name or unique id prefix. @throws StorageError AMBIGUOUS_ID */
  get(idOrName: string): Promise<ImageRecord | undefined>
  byDigest(digest: Digest): Promise<readonly ImageRecord[]>
  /** Images whose top layer (or a mapped copy) is `layer`. */
  byTopLayer(layer: LayerId): Promise<readonly ImageRecord[]>
  /** Of images that are in several stores the first store's, or `all`. */
  list(options?: { readonly copies?: 'first' | 'all' }): Promise<readonly ImageRecord[]>
  /** @throws StorageError ID_IN_USE, NAME_IN_USE, LAYER_UNKNOWN */
  create(as: CreateImage): Promise<ImageRecord>
  /** Names are taken from any other image that holds them. */
  setNames(id: ImageId, names: readonly string[]): Promise<void>
  addNames(id: ImageId, names: readonly string[]): Promise<void>
  removeNames(id: ImageId, names: readonly string[]): Promise<void>
  /** @throws StorageError IMAGE_UNKNOWN, BIG_DATA_UNKNOWN */
  bigData(id: ImageId, key: string): Promise<Uint8Array>
  setBigData(id: ImageId, item: BigDataItem): Promise<void>
  setMetadata(id: ImageId, metadata: string): Promise<void>
  /** When it was last written, or a container made of it. @throws StorageError IMAGE_UNKNOWN */
  lastUsed(id: ImageId): Promise<Date>
  /** Bytes: every layer's uncompressed size and the big data. */
  size(id: ImageId, call?: Pick<Call, 'signal'>): Promise<number>
  /**
   * Drops the record and, from the top, every layer nothing else uses; the ids of the removed layers.
   * @throws StorageError IMAGE_UNKNOWN, IMAGE_IN_USE
   */
  remove(id: ImageId): Promise<readonly LayerId[]>
}
