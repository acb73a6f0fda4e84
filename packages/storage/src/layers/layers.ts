import type { Bytes, Call, FileRange } from '../call.ts'
import type { Digest } from '../digest.ts'
import type { IdMapping, IdMappings } from '../idmap/mapping.ts'

/** A layer's id: for image layers the chain id of {@link chainId}, otherwise 64 random hex digits. */
export type LayerId = string

export type Compression = 'none' | 'bzip2' | 'gzip' | 'xz' | 'zstd'

/** One layer as recorded. Sizes in bytes, `created` RFC 3339. */
export interface Layer {
  readonly id: LayerId
  readonly names: readonly string[]
  readonly parent?: LayerId
  readonly created: string
  readonly metadata?: string
  readonly mountLabel?: string
  readonly compressedDigest?: Digest
  readonly compressedSize?: number
  readonly diffId?: Digest
  /** Absent or -1 when unknown. */
  readonly diffSize?: number
  readonly tocDigest?: Digest
  readonly compression: Compression
  /** Every uid and gid that the layer's tar names, sorted. */
  readonly uids: readonly number[]
  readonly gids: readonly number[]
  readonly uidMap: readonly IdMapping[]
  readonly gidMap: readonly IdMapping[]
  /** `yes`: it belongs to an additional image store. */
  readonly readOnly: 'yes' | 'no'
}

/** What reading the tar revealed. */
export interface AppliedLayer {
  readonly diffId: Digest
  readonly diffSize: number
  /** Digest and length of the bytes as they came, compressed or not. */
  readonly compressedDigest: Digest
  readonly compressedSize: number
  readonly compression: Compression
  readonly uids: readonly number[]
  readonly gids: readonly number[]
}

/** What a staged layer becomes. */
export interface CommitLayer {
  readonly id: LayerId
  readonly parent?: LayerId
  /** Overrides what `apply` saw, when the blob in the manifest was another form of the same layer. */
  readonly compressedDigest?: Digest
  readonly compressedSize?: number
  readonly names?: readonly string[]
  readonly metadata?: string
  readonly toc?: LayerToc
}

/** A table of contents (zstd:chunked): what other layers' files are then looked for in. The caller has compared it with the tar. */
export interface LayerToc {
  /** Of the table as it came in the blob, compressed. */
  readonly digest: Digest
  /** JSON. */
  readonly data: Uint8Array
}

/** Contents of files that layers hold, by digest: whole files and chunks of files. Disposed, its handles are closed. */
export interface HeldContents extends Disposable {
  has(digest: string): boolean
  /**
   * `length` bytes of a content from `offset`; undefined when they are not there any more. What a program changed in the
   * meantime is not noticed: the caller compares digests.
   */
  read(digest: string, offset: number, length: number): Uint8Array | undefined
}

/** A layer being made: nobody sees it before `commit`, and it is gone on dispose without one. */
export interface StagedLayer extends AsyncDisposable {
  /**
   * Unpacks a layer's tar (plain, gzip or zstd, told by its first bytes) in a worker thread. A file range is read by
   * the worker itself. Progress counts bytes read. Once per staged layer.
   * @throws StorageError ARCHIVE_INVALID, ARCHIVE_UNSAFE, ARCHIVE_UNSAFE_LINK, ARCHIVE_DUPLICATE, ARCHIVE_LIMIT,
   *   COMPRESSION_UNSUPPORTED, NO_SPACE, IO; the message names the entry
   */
  apply(tar: Bytes | FileRange, call?: Call<number>): Promise<AppliedLayer>
  /**
   * Replaces files of the applied layer by hard links to those of other layers that are the same in content, owner, mode,
   * time and attributes; `files`: their digests by path. What cannot be linked stays as it is. Bytes that are now there once.
   */
  linkFiles(contents: HeldContents, files: ReadonlyMap<string, string>): Promise<number>
  /**
   * Syncs, renames and records the layer. When a layer with the id exists already it is returned and the staged one
   * dropped.
   * @throws StorageError LAYER_UNKNOWN (parent), ID_IN_USE (same id, other content)
   */
  commit(as: CommitLayer): Promise<Layer>
}

/** A staged layer and what it becomes. */
export interface LayerToCommit {
  readonly staged: StagedLayer
  readonly as: CommitLayer
}

export type ChangeKind = 'added' | 'modified' | 'deleted'

/** A path that differs between a layer and its parent: absolute within the layer. */
export interface Change {
  readonly kind: ChangeKind
  readonly path: string
  /** The path's own bytes, when they are not UTF-8. */
  readonly rawPath?: Uint8Array
}

/** `signal` ends the wait for other programs that hold the store's locks. */
export interface MountLayerOptions extends Pick<Call, 'signal'> {
  /** SELinux label. */
  readonly label?: string
  /** Instead of the store's own mount options. */
  readonly options?: readonly string[]
  readonly access?: 'read-write' | 'read-only'
  readonly volatile?: 'yes' | 'no'
  /** Shows the files with shifted ids, through idmapped mounts; see `store.can.idmap`. */
  readonly mappings?: IdMappings
}

export interface CreateLayer {
  readonly id?: LayerId
  readonly parent?: LayerId
  readonly names?: readonly string[]
  readonly mountLabel?: string
  readonly metadata?: string
  readonly mappings?: IdMappings
  readonly volatile?: 'yes' | 'no'
}

export interface DiffCall extends Pick<Call, 'signal'> {
  /** `lent`: each piece may be overwritten once the next is asked for, which spares memory; unset: all stay as they are. */
  readonly pieces?: 'kept' | 'lent' | undefined
  /** `digest`: the bytes only end when they have the layer's digest, so files are not summed up one by one; unset: those of a record are. */
  readonly verify?: 'digest' | undefined
}

/** The layers of a store, its additional stores' included. */
export interface Layers {
  /** By exact id, name or unique prefix. */
  get(id: string): Promise<Layer | undefined>
  list(): Promise<readonly Layer[]>
  byDiffId(diffId: Digest): Promise<readonly Layer[]>
  byCompressedDigest(digest: Digest): Promise<readonly Layer[]>
  /** Whether a recorded layer's files are there: applying one anew that lost them mends every image on it. */
  hasFiles(id: LayerId): Promise<boolean>
  /** An empty layer of its own, for a container. */
  create(as: CreateLayer): Promise<Layer>
  /** Begins a layer; no lock is held while it fills. */
  stage(call?: Call): Promise<StagedLayer>
  /**
   * As {@link StagedLayer.commit}, of several at once, each after the one it lies on: the records are written once for all.
   * @throws StorageError LAYER_UNKNOWN, ID_IN_USE: then none is recorded
   */
  commit(layers: readonly LayerToCommit[]): Promise<readonly Layer[]>
  /** What `id` changes as against `since` (its parent when left out). @throws StorageError LAYER_UNKNOWN */
  changes(id: LayerId, since?: LayerId, call?: Pick<Call, 'signal'>): AsyncIterable<Change>
  /** Says that large layers are about to be applied or their diffs read: threads take a while to start, and can while other things are waited for. */
  expectWork(threads: number): Promise<void>
  /** The layer as an uncompressed tar: the original, bit for bit, where its tar-split record exists. @throws StorageError LAYER_UNKNOWN, LAYER_DAMAGED */
  diff(id: LayerId, since?: LayerId, call?: DiffCall): Bytes
  /** Which of the contents the layers that keep a table of contents hold. */
  contents(digests: ReadonlySet<string>, call?: Pick<Call, 'signal'>): Promise<HeldContents>
  /** Bytes of the layer's uncompressed tar. */
  size(id: LayerId, call?: Pick<Call, 'signal'>): Promise<number>
  /** Mounts, counted and shared with Podman; the path of the merged tree. @throws StorageError LAYER_UNKNOWN */
  mount(id: LayerId, options?: MountLayerOptions): Promise<string>
  /** Counts down; unmounts at zero. `force` goes to zero at once. Unmounting what is not mounted does nothing. */
  unmount(id: LayerId, how?: 'once' | 'force'): Promise<void>
  mountCount(id: LayerId): Promise<number>
  /** Where the layer is mounted; undefined when no mount is counted. */
  mountedAt(id: LayerId): Promise<string | undefined>
  /** @throws StorageError LAYER_UNKNOWN, LAYER_IN_USE */
  remove(id: LayerId): Promise<void>
}
