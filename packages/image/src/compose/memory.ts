import type { Bytes } from '../call.ts'
import { type Digest, digestOf } from '../digest.ts'
import { ImageError } from '../errors.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import type { ImageSource, RawManifest, Reference } from '../transports/transport.ts'

/** Documents and blobs of an image at hand, by digest. */
export interface Held {
  readonly manifest: RawManifest
  /** Manifests that an index names. */
  readonly instances?: ReadonlyMap<Digest, RawManifest>
  readonly blobs: ReadonlyMap<Digest, Uint8Array>
  /** Where blobs that are not at hand come from. */
  readonly base?: ImageSource
}

/** A reference to an image that exists only in this process. `open` is asked each time it is read. */
export function memoryReference(open: () => Promise<Held>): Reference {
  return {
    transport: 'memory',
    text: 'composed',
    policyScopes: [],
    openSource: async () => new MemorySource(await open()),
  }
}

class MemorySource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #held: Held

  constructor(held: Held) {
    this.#held = held
  }

  async manifest(instance?: Digest): Promise<RawManifest> {
    const { manifest, instances } = this.#held
    if (instance === undefined || instance === digestOf(manifest.bytes)) return manifest
    const found = instances?.get(instance)
    if (found === undefined) throw new ImageError('MANIFEST_UNKNOWN', `no manifest ${instance}`, { subject: instance })
    return found
  }

  async blob(blob: Descriptor, from: number): Promise<Bytes> {
    const bytes = this.#held.blobs.get(blob.digest)
    if (bytes !== undefined) return part(bytes, from)
    if (this.#held.base !== undefined) return this.#held.base.blob(blob, from)
    throw new ImageError('BLOB_UNKNOWN', `no blob ${blob.digest}`, { subject: blob.digest })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held.base?.[Symbol.asyncDispose]()
  }
}

async function* part(bytes: Uint8Array, from: number): Bytes {
  yield bytes.subarray(from)
}
