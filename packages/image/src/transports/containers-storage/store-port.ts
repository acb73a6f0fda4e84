import type { Bytes, Call, FileRange } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import type { HeldContents } from '../transport.ts'

/** What this transport needs of a containers/storage store; the Store of @libpod/storage is one. */
export interface StorePort extends AsyncDisposable {
  readonly graphRoot: string
  readonly runRoot: string
  readonly driverName: string
  readonly pullOptions: Readonly<Record<string, string>>
  readonly layers: LayersPort
  readonly images: ImagesPort
}

export interface LayersPort {
  get(id: string): Promise<LayerPort | undefined>
  byDiffId(diffId: Digest): Promise<readonly LayerPort[]>
  hasFiles(id: string): Promise<boolean>
  stage(call?: Call): Promise<StagedLayerPort>
  commit(layers: readonly { readonly staged: StagedLayerPort; readonly as: CommitLayerPort }[]): Promise<unknown>
  diff(id: string, since?: undefined, call?: DiffCall): Bytes
  expectWork(threads: number): Promise<void>
  contents(digests: ReadonlySet<Digest>, call?: Call): Promise<HeldContents>
}

/** Pieces that may be overwritten once the next is asked for, and that only end when they have the layer's digest. */
export interface DiffCall {
  readonly pieces: 'lent'
  readonly verify: 'digest'
}

export interface LayerPort {
  readonly id: string
  readonly parent?: string
  readonly diffId?: Digest
  readonly diffSize?: number
  readonly compressedDigest?: Digest
  readonly compressedSize?: number
  readonly compression: string
}

export interface StagedLayerPort extends AsyncDisposable {
  apply(tar: Bytes | FileRange, call?: Call<number>): Promise<AppliedLayerPort>
  linkFiles(contents: HeldContents, files: ReadonlyMap<string, Digest>): Promise<number>
}

export interface AppliedLayerPort {
  readonly diffId: Digest
  readonly diffSize: number
  /** Of the bytes as they came. */
  readonly compressedDigest: Digest
  readonly compressedSize: number
}

export interface CommitLayerPort {
  readonly id: string
  readonly parent?: string
  readonly compressedDigest?: Digest
  readonly compressedSize?: number
  readonly toc?: LayerTocPort
}

export interface LayerTocPort {
  readonly digest: Digest
  readonly data: Uint8Array
}

export interface ImagesPort {
  get(idOrName: string): Promise<ImageRecordPort | undefined>
  byDigest(digest: Digest): Promise<readonly ImageRecordPort[]>
  create(as: CreateImagePort): Promise<ImageRecordPort>
  addNames(id: string, names: readonly string[]): Promise<void>
  removeNames(id: string, names: readonly string[]): Promise<void>
  bigData(id: string, key: string): Promise<Uint8Array>
  setBigData(id: string, item: BigDataPort): Promise<void>
  setMetadata(id: string, metadata: string): Promise<void>
  remove(id: string): Promise<unknown>
}

export interface ImageRecordPort {
  readonly id: string
  readonly digest?: Digest
  readonly names: readonly string[]
  readonly layer?: string
  readonly metadata: string
  readonly bigDataNames: readonly string[]
}

export interface BigDataPort {
  readonly key: string
  readonly data: Uint8Array
  readonly digest?: Digest
}

export interface CreateImagePort {
  readonly id: string
  readonly layer?: string
  readonly metadata: string
  readonly created: Date | string
  readonly digest: Digest
  readonly bigData: readonly BigDataPort[]
}
