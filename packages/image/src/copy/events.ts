import type { Digest } from '../digest.ts'

export type BlobKind = 'layer' | 'config'

/** What a copy tells while it runs; sizes in bytes, -1 when unknown. */
export type CopyEvent =
  | { readonly type: 'source-opened'; readonly manifestType: string; readonly layers: number }
  | { readonly type: 'signatures'; readonly count: number }
  | { readonly type: 'blob-start'; readonly digest: Digest; readonly size: number; readonly kind: BlobKind }
  | {
      readonly type: 'blob-progress'
      readonly digest: Digest
      readonly size: number
      readonly transferred: number
      readonly kind: BlobKind
    }
  | { readonly type: 'blob-done'; readonly digest: Digest; readonly size: number; readonly kind: BlobKind }
  | { readonly type: 'blob-reused'; readonly digest: Digest; readonly size: number; readonly kind: BlobKind }
  /** After the `blob-done` of a layer that was put together: bytes of files that were there, and bytes fetched. */
  | {
      readonly type: 'blob-parts'
      readonly digest: Digest
      readonly size: number
      readonly reused: number
      readonly fetched: number
      readonly kind: BlobKind
    }
  | {
      /** Before an image of an index is copied, as it is or in a further compression. */
      readonly type: 'instance'
      readonly digest: Digest
      readonly how: 'copied' | 'recompressed'
      readonly position: number
      readonly total: number
      /** How many the index has. */
      readonly listed: number
    }
  | { readonly type: 'manifest'; readonly digest: Digest; readonly manifestType: string }
  | { readonly type: 'stored'; readonly digest: Digest }
