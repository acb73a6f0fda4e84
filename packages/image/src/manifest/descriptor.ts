import type { Digest } from '../digest.ts'

/** A platform as indexes and image configs spell it (image-spec image-index.md). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  /** CPU features; docker's lists only. */
  readonly features?: readonly string[]
}

/** A blob by content: type, digest and size in bytes (image-spec descriptor.md). A size of -1 is unknown. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly urls?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  readonly artifactType?: string
  /** The content itself in base64, where it is small. */
  readonly data?: string
}
