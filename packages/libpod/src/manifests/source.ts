import { createReadStream } from 'node:fs'
import {
  type AccessOptions,
  type Bytes,
  type Call,
  type Descriptor,
  type Digest,
  digestOf,
  type ImageSource,
  mediaTypes,
  parseManifest,
  type RawManifest,
  type Reference,
  type Signature,
} from '@libpod/image'
import type { Store } from '@libpod/storage'
import { LibpodError } from '../errors.ts'
import { readReference } from './find-image.ts'
import type { StoredArtifact, StoredList } from './record.ts'

/**
 * A list seen as one image source: its own manifest from the store, each image's from where it was added from, and artifacts from
 * their files.
 */
export function listReference(store: Store, list: StoredList, self: Reference): Reference {
  return {
    transport: self.transport,
    text: self.text,
    policyScopes: self.policyScopes,
    ...(self.dockerReference && { dockerReference: self.dockerReference }),
    async openSource(access, call) {
      if (self.openSource === undefined) throw new TypeError('a list lies in a store, which can be read')
      return new ListSource(store, list, { access, self: await self.openSource(access, call) })
    },
  }
}

class ListSource implements ImageSource {
  readonly parallelBlobs = 4
  readonly #store: Store
  readonly #list: StoredList
  readonly #access: AccessOptions
  readonly #self: ImageSource
  readonly #opened = new Map<string, Promise<ImageSource>>()
  /** Who has which blob, learnt from the manifests as they are read. */
  readonly #holders = new Map<Digest, ImageSource>()

  constructor(store: Store, list: StoredList, from: { readonly access: AccessOptions; readonly self: ImageSource }) {
    this.#store = store
    this.#list = list
    this.#access = from.access
    this.#self = from.self
  }

  async manifest(instance?: Digest, call?: Call): Promise<RawManifest> {
    if (instance === undefined) return this.#self.manifest(undefined, call)
    const artifact = this.#list.artifacts.get(instance)
    if (artifact !== undefined) return { bytes: Buffer.from(artifact.manifest), mediaType: mediaTypes.ociManifest }
    const holder = await this.#holderOf(instance, call)
    const raw = await manifestOf(holder, instance, call)
    const parsed = parseManifest(raw.bytes, raw.mediaType)
    if (parsed.kind === 'image') await this.#note(holder, instance, [parsed.config, ...parsed.layers])
    return raw
  }

  async #note(holder: ImageSource, instance: Digest, blobs: readonly Descriptor[]): Promise<void> {
    const others = (await holder.layers?.(instance)) ?? []
    for (const { digest } of [...blobs, ...others]) this.#holders.set(digest, holder)
  }

  #holderOf(instance: Digest, call?: Call): Promise<ImageSource> {
    const name = this.#list.instances.get(instance)
    if (name === undefined)
      throw new LibpodError('IMAGE_INVALID', `the list does not say where its image ${instance} is`)
    const known = this.#opened.get(name)
    if (known !== undefined) return known
    const reference = readReference(this.#store, name)
    if (reference.openSource === undefined)
      throw new LibpodError('IMAGE_INVALID', `images of transport ${reference.transport} cannot be read`)
    const opening = reference.openSource(this.#access, call)
    this.#opened.set(name, opening)
    return opening
  }

  async blob(blob: Descriptor, from: number, call?: Call): Promise<Bytes> {
    const holder = this.#holders.get(blob.digest)
    if (holder !== undefined) return holder.blob(blob, from, call)
    for (const artifact of this.#list.artifacts.values()) {
      const bytes = artifactBlob(artifact, blob.digest, from)
      if (bytes !== undefined) return bytes
    }
    throw new LibpodError('IMAGE_INVALID', `no image of the list has the blob ${blob.digest}`, { subject: blob.digest })
  }

  async layers(instance?: Digest): Promise<readonly Descriptor[] | undefined> {
    if (instance === undefined || !this.#list.instances.has(instance)) return undefined
    return (await this.#holderOf(instance)).layers?.(instance)
  }

  async otherForms(layer: Descriptor): Promise<readonly Descriptor[]> {
    return (await this.#holders.get(layer.digest)?.otherForms?.(layer)) ?? []
  }

  async signatures(instance?: Digest, call?: Call): Promise<readonly Signature[]> {
    if (instance === undefined) return (await this.#self.signatures?.(undefined, call)) ?? []
    if (!this.#list.instances.has(instance)) return []
    return (await (await this.#holderOf(instance, call)).signatures?.(instance, call)) ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values())
    const sources = opened.flatMap(one => (one.status === 'fulfilled' ? [one.value] : []))
    await Promise.all([this.#self, ...sources].map(source => source[Symbol.asyncDispose]()))
  }
}

/** Where a reference names the very image it holds it as its own; else as one of a list's. */
async function manifestOf(holder: ImageSource, instance: Digest, call?: Call): Promise<RawManifest> {
  const own = await holder.manifest(undefined, call)
  return digestOf(own.bytes) === instance ? own : holder.manifest(instance, call)
}

function artifactBlob({ blobs }: StoredArtifact, digest: Digest, from: number): Bytes | undefined {
  const blob = blobs.get(digest)
  if (blob === undefined) return undefined
  if ('path' in blob) return createReadStream(blob.path, { start: from })
  return (async function* () {
    yield blob.bytes.subarray(from)
  })()
}
