import type { Digest } from '../digest.ts'

/**
 * Records as they stand in the JSON files, in Go's spelling and order (containers/storage layers.go, images.go,
 * containers.go). An absent field is a zero value. Keys we do not know are kept as they are.
 */

export interface StoredIdMapping {
  readonly container_id: number
  readonly host_id: number
  readonly size: number
}

export interface LayerFlags {
  readonly incomplete?: boolean
  readonly 'expected-layer-diffid'?: string
}

export interface StoredLayer {
  readonly id: string
  readonly names?: readonly string[]
  readonly parent?: string
  readonly metadata?: string
  readonly mountlabel?: string
  readonly created: string
  readonly 'compressed-diff-digest'?: Digest
  readonly 'compressed-size'?: number
  readonly 'diff-digest'?: Digest
  readonly 'diff-size'?: number
  readonly 'toc-digest'?: Digest
  readonly compression?: number
  readonly uidset?: readonly number[]
  readonly gidset?: readonly number[]
  readonly flags?: LayerFlags
  readonly uidmap?: readonly StoredIdMapping[]
  readonly gidmap?: readonly StoredIdMapping[]
  readonly 'big-data-names'?: readonly string[]
}

export interface StoredBigData {
  readonly 'big-data-names'?: readonly string[]
  readonly 'big-data-sizes'?: Readonly<Record<string, number>>
  readonly 'big-data-digests'?: Readonly<Record<string, Digest>>
}

export interface StoredImage extends StoredBigData {
  readonly id: string
  readonly digest?: Digest
  readonly names?: readonly string[]
  readonly 'names-history'?: readonly string[]
  readonly layer?: string
  readonly 'mapped-layers'?: readonly string[]
  readonly metadata?: string
  readonly created: string
  readonly flags?: Readonly<Record<string, unknown>>
}

export interface ContainerFlags {
  readonly MountLabel?: string
  readonly ProcessLabel?: string
  readonly MountOpts?: readonly string[]
  readonly Volatile?: boolean
}

export interface StoredContainer extends StoredBigData {
  readonly id: string
  readonly names?: readonly string[]
  readonly image: string
  readonly layer: string
  readonly metadata?: string
  readonly created: string
  readonly uidmap?: readonly StoredIdMapping[]
  readonly gidmap?: readonly StoredIdMapping[]
  readonly flags?: ContainerFlags
}

export interface StoredMount {
  readonly id: string
  readonly path: string
  readonly count: number
}
