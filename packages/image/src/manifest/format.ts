import { familyOf } from './convert.ts'
import type { Descriptor, Platform } from './descriptor.ts'
import type { ImageManifest, IndexManifest } from './manifest.ts'

const encode = (document: object): Uint8Array => Buffer.from(JSON.stringify(document))

/** Writes an image manifest anew, for when its layers or its type changed. */
export function formatImageManifest(manifest: ImageManifest): Uint8Array {
  const plain = writerFor(manifest.mediaType)
  const { mediaType, config, layers, artifactType, subject, annotations } = manifest
  return encode({
    schemaVersion: 2,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    config: plain(config),
    layers: layers.map(plain),
    ...(subject !== undefined && { subject: plain(subject) }),
    ...(annotations !== undefined && { annotations }),
  })
}

/** Writes an index anew. */
export function formatIndex(index: IndexManifest): Uint8Array {
  const plain = writerFor(index.mediaType)
  const { mediaType, manifests, artifactType, subject, annotations } = index
  return encode({
    schemaVersion: 2,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    manifests: manifests.map(plain),
    ...(subject !== undefined && { subject: plain(subject) }),
    ...(annotations !== undefined && { annotations }),
  })
}

/** A descriptor's fields in the order that the real tools write them, which differs between the families. */
const writerFor =
  (mediaType: string) =>
  (descriptor: Descriptor): object => {
    const { digest, size, urls, annotations, platform, artifactType } = descriptor
    const content = familyOf(mediaType) === 'docker' ? { size, digest } : { digest, size }
    return {
      mediaType: descriptor.mediaType,
      ...content,
      ...(urls !== undefined && { urls }),
      ...(annotations !== undefined && { annotations }),
      ...(platform !== undefined && { platform: formatPlatform(platform, familyOf(mediaType)) }),
      ...(artifactType !== undefined && { artifactType }),
    }
  }

/** CPU features are docker's alone. */
function formatPlatform({ architecture, os, variant, features, ...rest }: Platform, family: 'oci' | 'docker'): object {
  const cpu = family === 'docker' && features !== undefined ? { features } : {}
  return { architecture, os, ...rest, ...(variant !== undefined && { variant }), ...cpu }
}
