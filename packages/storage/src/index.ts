export type { Bytes, Call, FileRange } from './call.ts'
export type { CheckOptions } from './check/check.ts'
export { checkStore, repairStore } from './check/index.ts'
export type { Problem, ProblemKind } from './check/problems.ts'
export type { RepairOptions } from './check/repair.ts'
export { driverName, loadStoreOptions, type StoreOverrides } from './config/load.ts'
export type { DriverName, StoreOptions } from './config/options.ts'
export type {
  ContainerId,
  ContainerRecord,
  ContainerSize,
  CreateStorageContainer,
  StorageContainers,
} from './containers/containers.ts'
export { type Digest, digestHex, isDigest, parseDigest } from './digest.ts'
export { isStorageError, StorageError, type StorageErrorCode } from './errors.ts'
export type { IdMapping, IdMappings } from './idmap/mapping.ts'
export type { BigDataItem, CreateImage, ImageId, ImageRecord, Images } from './images/images.ts'
export { chainId } from './layers/chain-id.ts'
export type {
  AppliedLayer,
  Change,
  ChangeKind,
  CommitLayer,
  Compression,
  CreateLayer,
  HeldContents,
  Layer,
  LayerId,
  Layers,
  LayerToCommit,
  LayerToc,
  MountLayerOptions,
  StagedLayer,
} from './layers/layers.ts'
export { type HeldLock, Lockfile } from './locks/lockfile.ts'
export { emptyTree, removeTree } from './rooted/remove.ts'
export { openStore, type Store } from './store.ts'
export { type UnpackArchiveOptions, unpackArchive } from './tar/archive.ts'
export { type Met, type PackOptions, type PackVerdict, packEntry, packTree } from './tar/pack.ts'
