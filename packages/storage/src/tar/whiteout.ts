import type { ByteString } from './bytes.ts'

/** What a name says about lower layers (image-spec layer.md, "Whiteouts"). */
export type Whiteout =
  | { readonly kind: 'none' }
  /** The file `name` of lower layers is gone. */
  | { readonly kind: 'deleted'; readonly name: ByteString }
  /** Nothing of this directory is from lower layers. */
  | { readonly kind: 'opaque' }
  /** AUFS's own files, which mean nothing to others. */
  | { readonly kind: 'aufs' }

export const whiteoutPrefix = '.wh.'
export const opaqueName = '.wh..wh..opq'

export function parseWhiteout(base: ByteString): Whiteout {
  if (!base.startsWith(whiteoutPrefix)) return { kind: 'none' }
  if (base === opaqueName) return { kind: 'opaque' }
  if (base.startsWith('.wh..wh.')) return { kind: 'aufs' }
  return { kind: 'deleted', name: base.slice(whiteoutPrefix.length) }
}
