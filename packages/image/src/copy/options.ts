import type { Call } from '../call.ts'
import type { Digest } from '../digest.ts'
import type { CompressionFormat } from '../manifest/layer-type.ts'
import type { Policy } from '../signature/policy.ts'
import type { Signer } from '../signature/signer.ts'
import type { AccessOptions } from '../transports/transport.ts'
import type { CopyEvent } from './events.ts'

/** The platform wanted from an index; what is missing is this machine's. */
export interface PlatformChoice {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
}

export interface CopyOptions extends Call<CopyEvent> {
  readonly policy: Policy
  /** Of an index: this platform's image (`system`), everything (`all`), or these instances. */
  readonly images?: 'system' | 'all' | readonly Digest[]
  readonly platform?: PlatformChoice
  readonly compression?: CompressionFormat
  readonly compressionLevel?: number
  /** Recompress even layers that are compressed in another format. */
  readonly forceCompression?: 'yes' | 'no'
  /** Of an index: every image once more in each of these, so that all of them can be chosen from. */
  readonly addCompression?: readonly Exclude<CompressionFormat, 'none'>[]
  readonly format?: 'oci' | 'v2s2' | 'v2s1'
  readonly preserveDigests?: 'yes' | 'no'
  readonly signatures?: 'keep' | 'remove'
  readonly signBy?: readonly Signer[]
  /** The name put into signatures instead of the destination's. */
  readonly signIdentity?: string
  readonly source?: AccessOptions
  readonly destination?: AccessOptions
  /**
   * The file that remembers blobs between copies (`blob-info-cache-v1.sqlite`), in containers/image's format: layers need
   * not be compressed or sent again to a registry that has them. Unset: nothing is remembered.
   */
  readonly blobInfoCache?: string
  /** Layers moved at once (6). */
  readonly parallel?: number
}

export interface CopyResult {
  /** Of the manifest as it was written: the index's for `all`. */
  readonly digest: Digest
  readonly manifestType: string
  readonly manifest: Uint8Array
}
