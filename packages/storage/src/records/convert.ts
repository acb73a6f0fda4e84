import type { ContainerRecord } from '../containers/containers.ts'
import type { Digest } from '../digest.ts'
import type { IdMapping } from '../idmap/mapping.ts'
import type { ImageRecord } from '../images/images.ts'
import type { Compression, Layer } from '../layers/layers.ts'
import type { StoredContainer, StoredIdMapping, StoredImage, StoredLayer } from './stored.ts'

/** In the order of the numbers that records use. */
const compressions: readonly Compression[] = ['none', 'bzip2', 'gzip', 'xz', 'zstd']

export const compressionNumber = (compression: Compression): number => compressions.indexOf(compression)

export function toMappings(stored: readonly StoredIdMapping[] = []): IdMapping[] {
  return stored.map(each => ({ containerId: each.container_id, hostId: each.host_id, size: each.size }))
}

export function toStoredMappings(mappings: readonly IdMapping[] = []): StoredIdMapping[] {
  return mappings.map(each => ({ container_id: each.containerId, host_id: each.hostId, size: each.size }))
}

/** Only the keys that have a value: absent is how the format says zero. */
export function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as T
}

export function toLayer(stored: StoredLayer, readOnly: 'yes' | 'no'): Layer {
  return present<Layer>({
    id: stored.id,
    names: stored.names ?? [],
    parent: stored.parent,
    created: stored.created,
    metadata: stored.metadata,
    mountLabel: stored.mountlabel,
    compressedDigest: stored['compressed-diff-digest'],
    compressedSize: stored['compressed-size'],
    diffId: stored['diff-digest'],
    diffSize: stored['diff-size'],
    tocDigest: stored['toc-digest'],
    compression: compressions[stored.compression ?? 0] ?? 'none',
    uids: stored.uidset ?? [],
    gids: stored.gidset ?? [],
    uidMap: toMappings(stored.uidmap),
    gidMap: toMappings(stored.gidmap),
    readOnly,
  })
}

/** What a digest in a reference may match. */
export function imageDigests(stored: StoredImage): Digest[] {
  const manifests = Object.entries(stored['big-data-digests'] ?? {}).filter(([key]) => key.startsWith('manifest'))
  return [...new Set([...(stored.digest ? [stored.digest] : []), ...manifests.map(([, digest]) => digest)])]
}

export function toImage(stored: StoredImage, readOnly: 'yes' | 'no'): ImageRecord {
  return present<ImageRecord>({
    id: stored.id,
    digest: stored.digest,
    digests: imageDigests(stored),
    names: stored.names ?? [],
    namesHistory: stored['names-history'] ?? [],
    layer: stored.layer,
    mappedLayers: stored['mapped-layers'] ?? [],
    metadata: stored.metadata ?? '',
    bigDataNames: stored['big-data-names'] ?? [],
    bigDataSizes: stored['big-data-sizes'] ?? {},
    bigDataDigests: stored['big-data-digests'] ?? {},
    created: stored.created,
    readOnly,
  })
}

export function toContainer(stored: StoredContainer): ContainerRecord {
  return {
    id: stored.id,
    names: stored.names ?? [],
    image: stored.image ?? '',
    layer: stored.layer,
    metadata: stored.metadata ?? '',
    created: stored.created,
    bigDataNames: stored['big-data-names'] ?? [],
    bigDataSizes: stored['big-data-sizes'] ?? {},
    bigDataDigests: stored['big-data-digests'] ?? {},
    uidMap: toMappings(stored.uidmap),
    gidMap: toMappings(stored.gidmap),
    mountLabel: stored.flags?.MountLabel ?? '',
    processLabel: stored.flags?.ProcessLabel ?? '',
    mountOptions: stored.flags?.MountOpts ?? [],
    volatile: stored.flags?.Volatile === true ? 'yes' : 'no',
  }
}
