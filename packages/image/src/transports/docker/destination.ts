import type { Bytes, Call } from '../../call.ts'
import type { Digest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { manifestDigest } from '../../manifest/manifest.ts'
import { type DockerReference, formatDockerReference } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { pushTarget } from '../../registries/match.ts'
import type { Signature } from '../../signature/signature.ts'
import type { AccessOptions, DestinationWants, ImageDestination, LayerToPut, RawManifest } from '../transport.ts'
import { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import { registryError } from './registry-error.ts'
import { hasBlob, mountBlob, uploadBlob } from './upload.ts'

/** Opens a repository for pushing. Blobs become visible as they arrive, as registries have it; the tag comes last. */
export async function openDestination(
  name: DockerReference,
  access: AccessOptions,
  call: Call = {},
): Promise<ImageDestination> {
  const { reference, insecure } = pushTarget(await loadRegistries(access), name)
  const { domain: host, path: repository } = reference
  return new DockerDestination(
    await RegistryClient.open({ host, repository, actions: 'pull,push', access, insecure }, call),
    name,
  )
}

class DockerDestination implements ImageDestination {
  readonly wants: DestinationWants = {
    manifestTypes: [],
    layers: 'compressed',
    os: 'any',
    pieces: 'lent',
    parallelBlobs: 6,
    indexes: 'yes',
  }
  readonly #client: RegistryClient
  readonly #name: DockerReference
  #last: Digest | undefined
  /** On its way while layers are. */
  #config: Promise<void> = Promise.resolve()

  constructor(client: RegistryClient, name: DockerReference) {
    this.#client = client
    this.#name = name
  }

  async findLayer(layer: LayerToPut, _index: number, call?: Call): Promise<Descriptor | undefined> {
    const { digest, mediaType } = layer
    if (digest === undefined) return undefined
    const size = await hasBlob(this.#client, digest, call)
    if (size !== undefined) return { mediaType, digest, size: layer.size < 0 ? size : layer.size }
    const from = [...(this.#client.options.access.mountFrom ?? []), ...(layer.repositories ?? [])]
    for (const repository of new Set(from.filter(other => other !== this.#name.path))) {
      if (!(await mountBlob(this.#client, digest, repository, call))) continue
      const mounted = layer.size < 0 ? await hasBlob(this.#client, digest, call) : layer.size
      return mounted === undefined || mounted < 0 ? undefined : { mediaType, digest, size: mounted }
    }
    return undefined
  }

  async putLayer(layer: LayerToPut, _index: number, bytes: Bytes, call?: Call): Promise<Descriptor> {
    const stored = await uploadBlob(this.#client, bytes, layer, call)
    return { mediaType: layer.mediaType, ...stored }
  }

  /** Only begins to: `putManifest` tells how it went. */
  async putConfig(config: Descriptor, bytes: Uint8Array, call?: Call): Promise<void> {
    this.#config = this.#upload(config, bytes, call)
    this.#config.catch(() => undefined)
  }

  async #upload(config: Descriptor, bytes: Uint8Array, call?: Call): Promise<void> {
    if ((await hasBlob(this.#client, config.digest, call)) !== undefined) return
    await uploadBlob(this.#client, whole(bytes), config, call)
  }

  async putManifest({ bytes: read, mediaType }: RawManifest, instance?: Digest, call?: Call): Promise<void> {
    await this.#config
    const bytes = Buffer.from(read)
    this.#last = instance ?? manifestDigest(bytes, mediaType)
    const target = instance ?? this.#name.tag ?? this.#last
    if (instance === undefined && this.#name.digest !== undefined && this.#name.digest !== this.#last) {
      throw new ImageError(
        'DIGEST_MISMATCH',
        `writing ${formatDockerReference(this.#name)}: the manifest's digest is ${this.#last}`,
      )
    }
    const headers = mediaType === '' ? {} : { 'content-type': mediaType }
    const path = `/v2/${this.#name.path}/manifests/${target}`
    const response = await this.#client.send(path, { method: 'PUT', headers, body: bytes }, call)
    if (response.statusCode !== 201 && response.statusCode !== 200 && response.statusCode !== 202) {
      throw await registryError(
        response,
        `uploading manifest ${target} to ${this.#name.domain}/${this.#name.path}`,
        'REGISTRY_ERROR',
      )
    }
    await response.body.dump()
    // A registry that knows of subjects says so; for another one the client keeps account (distribution-spec 1.1).
    if (bytes.includes('"subject"') && header(response, 'oci-subject') === '') {
      await (await import('./referrers.ts')).noteReferrer(this.#client, { bytes, mediaType }, call)
    }
    const told = header(response, 'docker-content-digest')
    if (told !== '' && told !== this.#last && told.startsWith('sha256:')) {
      throw new ImageError(
        'DIGEST_MISMATCH',
        `registry ${this.#client.host} stored the manifest as ${JSON.stringify(told)}`,
      )
    }
  }

  async putSignatures(signatures: readonly Signature[], instance?: Digest, call?: Call): Promise<void> {
    const digest = instance ?? this.#last
    if (signatures.length === 0 || digest === undefined) return
    const { writeSignatures } = await import('./signatures.ts')
    await writeSignatures(this.#client, this.#name, { digest, signatures }, call)
  }

  async commit(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
    await this.#config.catch(() => undefined) // no connection is left for it
  }
}

async function* whole(bytes: Uint8Array): Bytes {
  yield bytes
}
