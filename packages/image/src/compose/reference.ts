import type { Call } from '../call.ts'
import type { PlatformChoice } from '../copy/options.ts'
import type { Platform } from '../manifest/descriptor.ts'
import type { AccessOptions, Reference } from '../transports/transport.ts'
import type { ComposedFile } from './layer.ts'
import { memoryReference } from './memory.ts'

export interface ComposeOptions extends Call {
  /** The image that is added to; none: from nothing. */
  readonly base?: Reference
  readonly access?: AccessOptions
  readonly platform?: PlatformChoice
  /** Each list becomes one layer. */
  readonly layers?: readonly (readonly ComposedFile[])[]
  /** Keys of the image config's `config` object (image-spec config.md): Env, Cmd, Entrypoint, Labels …; they replace the base's. */
  readonly config?: Readonly<Record<string, unknown>>
  /** RFC 3339; the same options give the same digests. */
  readonly created?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly compression?: 'gzip' | 'none'
}

/**
 * Makes an image in memory: a base, files on top and a changed config. Needs no root and no store; the base's layers
 * are only fetched when the result is copied somewhere.
 */
export function composeImage(options: ComposeOptions): Reference {
  return memoryReference(async () => (await import('./compose.ts')).compose(options))
}

/** One image of an index and the platform it is for. */
export interface IndexEntry {
  readonly image: Reference
  readonly platform: Platform
}

/** An index over images made in code or held elsewhere. */
export function composeIndex(images: readonly IndexEntry[]): Reference {
  return memoryReference(async () => (await import('./compose.ts')).composeIndexOf(images))
}
