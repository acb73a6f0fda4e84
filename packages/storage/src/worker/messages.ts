import type { MessagePort } from 'node:worker_threads'
import type { FileRange } from '../call.ts'
import type { DeepMount } from '../drivers/overlay/deep-mount.ts'
import type { StorageErrorCode } from '../errors.ts'
import type { AppliedLayer } from '../layers/layers.ts'
import type { ApplyTarget } from '../tar/apply.ts'
import type { Original } from '../tar/reassemble.ts'
import type { Elsewhere, Owners } from '../tar/unpack-elsewhere.ts'
import type { UnpackOptions } from '../tar/unpack-options.ts'
import type { Ring } from './ring.ts'

/** Started with this, a thread mounts and ends. */
export interface MountJob {
  readonly kind: 'mount'
  readonly request: DeepMount
  readonly port: MessagePort
  readonly done: Int32Array
}

/** Sent to a thread that is to unpack what another one reads. */
export interface UnpackJob extends Elsewhere {
  readonly kind: 'unpack'
  readonly directory: string
  readonly unpack: UnpackOptions
}

/** From that thread to the other, once it has let go of every file. */
export type UnpackReport = ({ readonly kind: 'unpacked' } & Owners) | Failure

/** Sent to a thread that is to write a file system to its device. */
export interface SyncJob {
  readonly kind: 'sync'
  /** Of a file in it. */
  readonly fd: number
  readonly port: MessagePort
}

export type SyncReport = { readonly kind: 'synced' } | Failure

/** Sent to a thread that puts layers' tars together, several at once. */
export interface ReassembleJob {
  readonly kind: 'reassemble'
  readonly original: Original
  readonly ring: Ring
  readonly port: MessagePort
}

/** From that thread, once it has let go of every file. */
export type ReassembleReport = { readonly kind: 'reassembled' } | Failure

export interface Failure {
  readonly kind: 'failed'
  readonly code: StorageErrorCode | undefined
  readonly message: string
  readonly subject: string | undefined
  readonly hint: string | undefined
}

/** Sent to a thread that unpacks layers, one at a time. */
export interface ApplyJob {
  readonly kind: 'apply'
  readonly target: ApplyTarget
  /** Where the bytes come from. */
  readonly from: FileRange | Ring
  readonly port: MessagePort
  /** Becomes 1 when the work should end. */
  readonly stop: Int32Array
}

/** Bytes of the source that have been read, and of the tar that have been unpacked, by now. */
export interface ApplyProgress {
  readonly read: number
  readonly unpacked: number
}

/** From the unpacking thread. */
export type ApplyReport =
  | ({ readonly kind: 'progress' } & ApplyProgress)
  | { readonly kind: 'done'; readonly layer: AppliedLayer }
  | Failure
