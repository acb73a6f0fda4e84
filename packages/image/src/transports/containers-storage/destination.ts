import type { Bytes, Call, FileRange } from '../../call.ts'
import { readPositions, unfit } from '../../chunked/positions.ts'
import { checkDigest } from '../../copy/verify.ts'
import { type Digest, digestHex, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import { readImageConfig } from '../../manifest/config.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { manifestDigest, parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import { formatDockerReference } from '../../reference/docker-reference.ts'
import { serializeSignature } from '../../signature/serialize.ts'
import type { Signature } from '../../signature/signature.ts'
import type {
  DestinationWants,
  ImageDestination,
  LayerToPut,
  PartsDestination,
  PutTogether,
  RawManifest,
} from '../transport.ts'
import { layerIds } from './chain.ts'
import { signatureKey } from './find-image.ts'
import type { OpenedStore, StoredName } from './reference.ts'
import type {
  AppliedLayerPort,
  BigDataPort,
  LayerPort,
  LayerTocPort,
  StagedLayerPort,
  StorePort,
} from './store-port.ts'

/** Writes one image; nothing is recorded before commit. */
export async function openDestination(opened: OpenedStore, named: StoredName): Promise<ImageDestination> {
  return new StorageDestination(opened, named)
}

interface Staged {
  readonly layer: StagedLayerPort
  readonly applied: AppliedLayerPort
}

class StorageDestination implements ImageDestination {
  readonly wants: DestinationWants = {
    manifestTypes: [mediaTypes.ociManifest, mediaTypes.dockerManifest],
    layers: 'as-they-are',
    os: 'host',
    parallelBlobs: 6,
    indexes: 'no',
    verifiesLayers: 'yes',
  }
  readonly #opened: OpenedStore
  readonly #named: StoredName
  readonly #staged = new Map<number, Staged>()
  readonly #kept = new Map<number, Descriptor>()
  /** Of layers that were put together: nobody has seen the blobs that they are in. */
  readonly #tocs = new Map<number, LayerTocPort>()
  readonly #signatures = new Map<Digest, readonly Uint8Array[]>()
  #config: { readonly digest: Digest; readonly bytes: Uint8Array; readonly diffIds: readonly Digest[] } | undefined
  #created: string | undefined
  #manifest: { readonly bytes: Uint8Array; readonly digest: Digest } | undefined
  #index: Uint8Array | undefined

  constructor(opened: OpenedStore, named: StoredName) {
    this.#opened = opened
    this.#named = named
  }

  get #store(): StorePort {
    return this.#opened.store
  }

  async putConfig(config: Descriptor, bytes: Uint8Array): Promise<void> {
    const { diffIds, created } = readImageConfig(bytes)
    this.#config = { digest: config.digest, bytes, diffIds }
    this.#created = created
  }

  async findLayer(layer: LayerToPut, index: number, call?: Call): Promise<Descriptor | undefined> {
    const diffIds = this.#config?.diffIds ?? []
    const diffId = diffIds[index]
    const id = layerIds(diffIds.slice(0, index + 1)).at(-1)
    if (diffId === undefined || id === undefined || layer.digest === undefined) return undefined
    const known = { mediaType: layer.mediaType, digest: layer.digest, size: layer.size }
    const { layers } = this.#store
    const same = await layers.get(id)
    if (same?.diffId === diffId && (await layers.hasFiles(id))) return this.#keep(index, known)
    for (const twin of await layers.byDiffId(diffId)) {
      if (!(await this.#stageTwin(index, twin, call))) continue
      // That the blob is another form of this layer is recorded only when somebody has seen it.
      return twin.compressedDigest === layer.digest ? this.#keep(index, known) : known
    }
    return undefined
  }

  /** Takes the content of a layer that stands elsewhere; false when it is damaged, or is removed meanwhile. */
  async #stageTwin(index: number, { id }: LayerPort, call?: Call): Promise<boolean> {
    if (!(await this.#store.layers.hasFiles(id))) return false
    try {
      await this.#stage(index, this.#store.layers.diff(id), call?.signal && { signal: call.signal })
      return true
    } catch (error) {
      call?.signal?.throwIfAborted()
      if (!isUnreadable(error)) throw error
      return false
    }
  }

  #keep(index: number, layer: Descriptor): Descriptor {
    this.#kept.set(index, layer)
    return layer
  }

  async putLayer(layer: LayerToPut, index: number, bytes: Bytes, call?: Call<number>): Promise<Descriptor> {
    return this.#put(layer, index, bytes, call)
  }

  async putLayerFile(layer: LayerToPut, index: number, range: FileRange, call?: Call<number>): Promise<Descriptor> {
    return this.#put(layer, index, range, call)
  }

  async #put(layer: LayerToPut, index: number, bytes: Bytes | FileRange, call?: Call<number>): Promise<Descriptor> {
    const applied = await this.#stage(index, bytes, { ...call, promised: layer.digest })
    return this.#keep(index, {
      mediaType: layer.mediaType,
      digest: applied.compressedDigest,
      size: applied.compressedSize,
    })
  }

  /** `promised` is the blob's digest where the bytes are a blob's: wrong bytes are told apart from a wrong config. */
  async #stage(
    index: number,
    bytes: Bytes | FileRange,
    call?: Call<number> & { readonly promised?: Digest | undefined },
  ): Promise<AppliedLayerPort> {
    const signal = call?.signal === undefined ? {} : { signal: call.signal }
    const layer = await this.#store.layers.stage(signal)
    try {
      const applied = await layer.apply(bytes, call)
      if (call?.promised !== undefined) checkDigest(call.promised, applied.compressedDigest)
      this.#checkDiffId(index, applied.diffId)
      this.#staged.set(index, { layer, applied })
      return applied
    } catch (error) {
      await layer[Symbol.asyncDispose]()
      throw error
    }
  }

  #checkDiffId(index: number, found: Digest): void {
    const promised = this.#config?.diffIds[index]
    if (promised === undefined || promised === found) return
    throw new ImageError('DIGEST_MISMATCH', `layer ${index} unpacks to ${found}, but the config promises ${promised}`)
  }

  /** Off unless storage.conf says otherwise, as everywhere (containers-storage.conf(5), enable_partial_images). */
  get parts(): PartsDestination | undefined {
    if (!this.#isOn('enable_partial_images')) return undefined
    return {
      find: (digests, call) => this.#store.layers.contents(digests, call),
      put: (layer, index, tar, call) => this.#putParts(layer, index, tar, call),
    }
  }

  #isOn(option: string): boolean {
    return this.#store.pullOptions[option]?.toLowerCase() === 'true'
  }

  async #putParts(layer: Descriptor, index: number, tar: PutTogether, call?: Call): Promise<void> {
    const { tocDigest } = readPositions(layer) ?? {}
    if (tocDigest === undefined || this.#config?.diffIds[index] === undefined)
      throw unfit('nothing says what the layer must be')
    const signal = call?.signal === undefined ? {} : { signal: call.signal }
    await this.#stage(index, tar.bytes, signal)
    if (this.#isOn('use_hard_links')) await this.#staged.get(index)?.layer.linkFiles(tar.held, tar.reused())
    this.#tocs.set(index, { digest: tocDigest, data: tar.toc() })
  }

  async putManifest(manifest: RawManifest): Promise<void> {
    const { bytes, mediaType } = manifest
    this.#manifest = { bytes, digest: manifestDigest(bytes, mediaType) }
  }

  async noteIndex(index: RawManifest): Promise<void> {
    this.#index = index.bytes
  }

  async putSignatures(signatures: readonly Signature[]): Promise<void> {
    if (this.#manifest === undefined) throw new TypeError('putSignatures comes after putManifest')
    this.#signatures.set(this.#manifest.digest, signatures.map(serializeSignature))
  }

  async commit(): Promise<void> {
    const manifest = this.#manifest
    if (manifest === undefined) throw new TypeError('commit comes after putManifest')
    const parsed = parseManifest(manifest.bytes)
    const config = this.#config
    if (parsed.kind !== 'image' || config === undefined) throw artifact(manifest.digest)
    if (config.diffIds.length !== parsed.layers.length) {
      throw new ImageError(
        'CONFIG_INVALID',
        `config lists ${config.diffIds.length} layers, manifest ${parsed.layers.length}`,
      )
    }
    try {
      const top = await this.#commitLayers(config.diffIds)
      await this.#record(digestHex(config.digest), top)
    } catch (cause) {
      if (codeOf(cause) !== 'LAYER_UNKNOWN') throw cause
      throw new ImageError('LAYER_GONE', `a layer was removed while the image was written: ${textOf(cause)}`, { cause })
    }
  }

  async #commitLayers(diffIds: readonly Digest[]): Promise<string | undefined> {
    const ids = layerIds(diffIds)
    const staged = ids.flatMap((id, index) => this.#toCommit(index, id, ids[index - 1]) ?? [])
    await this.#store.layers.commit(staged)
    for (const [index, id] of ids.entries()) if (!this.#staged.has(index)) await this.#stillThere(id)
    return ids.at(-1)
  }

  #toCommit(index: number, id: string, parent: string | undefined) {
    const layer = this.#staged.get(index)?.layer
    if (layer === undefined) return undefined
    const blob = this.#kept.get(index)
    const compressed =
      blob === undefined || blob.size < 0 ? {} : { compressedDigest: blob.digest, compressedSize: blob.size }
    const toc = this.#tocs.get(index)
    return { staged: layer, as: { id, ...(parent !== undefined && { parent }), ...compressed, ...(toc && { toc }) } }
  }

  async #stillThere(id: string): Promise<void> {
    if ((await this.#store.layers.get(id)) === undefined)
      throw new ImageError('LAYER_GONE', `layer ${id} was removed while the image was written`, { subject: id })
  }

  async #record(id: string, layer: string | undefined): Promise<void> {
    const { name, id: wanted } = this.#named
    if (wanted !== undefined && !id.startsWith(wanted)) {
      throw new ImageError('DIGEST_MISMATCH', `the image has the id ${id}, not ${wanted} as its reference says`)
    }
    const existing = await this.#store.images.get(id)
    if (existing?.id === id) await this.#renew(id, existing.layer, layer)
    else await this.#create(id, layer)
    if (name !== undefined) await this.#addName(id, formatDockerReference(name), existing?.id === id ? 'old' : 'new')
  }

  async #create(id: string, layer: string | undefined): Promise<void> {
    const digest = this.#manifest?.digest
    if (digest === undefined) return
    await this.#store.images.create({
      id,
      digest,
      bigData: this.#bigData(),
      metadata: this.#metadata(),
      created: this.#created ?? new Date(0),
      ...(layer !== undefined && { layer }),
    })
  }

  async #renew(id: string, had: string | undefined, layer: string | undefined): Promise<void> {
    if ((had ?? '') !== (layer ?? '')) {
      throw new ImageError('IMAGE_DAMAGED', `image ${id} is stored with the top layer ${had}, not ${layer}`)
    }
    for (const item of this.#bigData()) await this.#store.images.setBigData(id, item)
    await this.#store.images.setMetadata(id, this.#metadata())
  }

  async #addName(id: string, name: string, image: 'old' | 'new'): Promise<void> {
    try {
      await this.#store.images.addNames(id, [name])
    } catch (error) {
      if (image === 'new') await this.#store.images.remove(id)
      throw error
    }
  }

  /** In the order other readers know. */
  #bigData(): readonly BigDataPort[] {
    const items: BigDataPort[] = []
    if (this.#config !== undefined) items.push({ key: this.#config.digest, data: this.#config.bytes })
    if (this.#index !== undefined) items.push({ key: `manifest-${digestOf(this.#index)}`, data: this.#index })
    if (this.#manifest === undefined) return items
    const { bytes, digest } = this.#manifest
    const signatures = Buffer.concat(this.#signatures.get(digest) ?? [])
    items.push({ key: `manifest-${digest}`, data: bytes, digest }, { key: 'manifest', data: bytes, digest })
    if (signatures.length > 0) items.push({ key: 'signatures', data: signatures })
    items.push({ key: signatureKey(digest), data: signatures })
    return items
  }

  #metadata(): string {
    const [[digest, signatures = []] = []] =
      this.#signatures.size > 0 ? [...this.#signatures] : [[this.#manifest?.digest]]
    const sizes = signatures.map(bytes => bytes.length)
    const first = sizes.length > 0 ? { 'signature-sizes': sizes } : {}
    return JSON.stringify({ ...first, 'signatures-sizes': digest === undefined ? {} : { [digest]: sizes } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#staged.values()].map(({ layer }) => layer[Symbol.asyncDispose]()))
    await this.#opened.close()
  }
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | undefined)?.code

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Whether a stored layer could not be read as it was written. */
const isUnreadable = (error: unknown): boolean =>
  ['LAYER_DAMAGED', 'LAYER_UNKNOWN', 'DIGEST_MISMATCH', 'ENOENT'].includes(String(codeOf(error)))

const artifact = (digest: Digest): ImageError =>
  new ImageError('MANIFEST_UNSUPPORTED', `manifest ${digest} is not an image that a store can hold`)
