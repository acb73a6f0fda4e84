import { type BlobFact, type BlobInfo, openBlobInfo } from '../blob-cache/blob-info.ts'
import { isChunked } from '../chunked/annotations.ts'
import type { Digest } from '../digest.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import { layerCompression, withCompression } from '../manifest/layer-type.ts'
import { type DockerReference, parseDockerReference, repositoryName } from '../reference/docker-reference.ts'
import type { Reference } from '../transports/transport.ts'

/** What earlier copies learnt about the blobs of this one, and what it learns itself. */
export interface KnownBlobs {
  /** Compressed blobs that hold the same layer as an uncompressed one. */
  forms(layer: Descriptor): readonly Descriptor[]
  /** Repositories of the registry written to that a blob was seen in. */
  repositories(digest: Digest): readonly string[]
  /** A layer is at the source, and in the form that was stored at the destination. */
  moved(layer: Descriptor, stored: Descriptor): void
  /** A blob unpacks to what has the digest `plain`: somebody did it. One `made` here is all that its descriptor says. */
  unpacks(blob: Descriptor, plain: Digest, made?: 'here'): void
}

/** Copies with what the cache at `path` knows. A cache that cannot be used is done without. */
export async function withKnownBlobs<T>(
  path: string | undefined,
  ends: { readonly from: Reference; readonly to: Reference },
  copy: (known?: KnownBlobs) => Promise<T>,
): Promise<T> {
  const info = path === undefined ? undefined : await openBlobInfo(path).catch(() => undefined)
  if (info === undefined) return copy()
  using cache = info
  const facts: BlobFact[] = []
  const result = await copy(knownBlobs(cache, ends, facts))
  perhaps(() => cache.remember(facts), undefined)
  return result
}

function perhaps<T>(ask: () => T, otherwise: T): T {
  try {
    return ask()
  } catch {
    return otherwise
  }
}

function knownBlobs(
  info: BlobInfo,
  { from, to }: { readonly from: Reference; readonly to: Reference },
  facts: BlobFact[],
): KnownBlobs {
  const [source, target] = [registryName(from), registryName(to)]
  const place = (name: DockerReference | undefined, digest: Digest): void => {
    if (name !== undefined) facts.push({ kind: 'place', host: name.domain, digest, repository: repositoryName(name) })
  }
  return {
    forms: layer =>
      perhaps(() => info.formsOf(layer.digest), []).flatMap(({ digest, compression, annotations }) =>
        compression === 'gzip' || compression === 'zstd'
          ? [
              {
                mediaType: withCompression(layer.mediaType, compression),
                digest,
                size: -1,
                ...(annotations && { annotations }),
              },
            ]
          : [],
      ),
    repositories: digest =>
      target === undefined
        ? []
        : perhaps(() => info.placesOf(target.domain, digest), []).flatMap(place => pathOf(place, target)),
    moved(layer, stored) {
      place(source, layer.digest)
      place(target, stored.digest)
      if (facts.length > 0) perhaps(info.open, undefined) // while others are still on their way
    },
    unpacks({ digest, mediaType, annotations }, plain, made) {
      const compression = layerCompression(mediaType)
      if (digest === plain || compression === undefined || compression === 'none') return
      facts.push(
        { kind: 'form', digest: plain, plain },
        { kind: 'compression', digest: plain, compression: 'uncompressed' },
      )
      facts.push({ kind: 'form', digest, plain }, { kind: 'compression', digest, compression })
      if (made === 'here' && annotations !== undefined && isChunked({ annotations }))
        facts.push({ kind: 'variant', digest, compression: 'zstd:chunked', annotations })
    },
  }
}

const registryName = ({ transport, dockerReference }: Reference): DockerReference | undefined =>
  transport === 'docker' ? dockerReference : undefined

/** Whatever the file says, only a proper repository of the same registry is asked for. */
function pathOf(place: string, { domain, path }: DockerReference): readonly string[] {
  try {
    const name = parseDockerReference(place)
    return name.domain === domain && name.path !== path ? [name.path] : []
  } catch {
    return []
  }
}
