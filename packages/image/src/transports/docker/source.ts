import { rm } from 'node:fs/promises'
import { arrivingBlob } from '../../blob-cache/arriving-blob.ts'
import { type Download, partialPath, sharedDownload } from '../../blob-cache/shared-download.ts'
import type { Bytes, Call } from '../../call.ts'
import type { Stretch } from '../../chunked/positions.ts'
import { type Digest, isDigest } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { maximumManifestSize } from '../../manifest/manifest.ts'
import { acceptedManifestTypes } from '../../manifest/media-types.ts'
import { type DockerReference, formatDockerReference, repositoryName } from '../../reference/docker-reference.ts'
import { loadRegistries } from '../../registries/load.ts'
import { pullSources } from '../../registries/match.ts'
import type { Signature } from '../../signature/signature.ts'
import type { AccessOptions, ArrivingBlob, ImageSource, RawManifest } from '../transport.ts'
import { blobRanges } from './blob-ranges.ts'
import { blobBytes } from './blobs.ts'
import { quote } from './body.ts'
import { RegistryClient } from './client.ts'
import { header } from './front-page.ts'
import { registryError } from './registry-error.ts'

/** Smaller blobs are fetched again rather than resumed, in bytes. */
const worthKeeping = 256 * 1024

/** Opens an image of a registry or of the first of its mirrors that has it (containers-registries.conf(5)). */
export async function openSource(name: DockerReference, access: AccessOptions, call: Call = {}): Promise<ImageSource> {
  const sources = pullSources(await loadRegistries(access), name)
  const failures: Failure[] = []
  for (const { reference, insecure } of sources) {
    try {
      return await openEndpoint({ asked: name, name: reference }, { insecure, access }, call)
    } catch (error) {
      call.signal?.throwIfAborted()
      failures.push({ place: formatDockerReference(reference), error })
    }
  }
  throw allFailed(failures)
}

interface Failure {
  readonly place: string
  readonly error: unknown
}

/** What the registry itself said counts; what its mirrors said is told too. */
function allFailed(failures: readonly Failure[]): unknown {
  const last = failures.at(-1)
  if (last === undefined || failures.length === 1) return last?.error
  const told = failures.slice(0, -1).map(({ place, error }) => `[${place}: ${(error as Error).message}]`)
  const { code, status } = last.error as Partial<ImageError>
  return new ImageError(
    code ?? 'REGISTRY_UNREACHABLE',
    `(Mirrors also failed: ${told.join(' ')}): ${last.place}: ${(last.error as Error).message}`,
    { cause: last.error, ...(status !== undefined && { status }) },
  )
}

interface Names {
  readonly asked: DockerReference
  readonly name: DockerReference
}

async function openEndpoint(
  { asked, name }: Names,
  { insecure, access }: { readonly insecure: 'yes' | 'no'; readonly access: AccessOptions },
  call: Call,
): Promise<ImageSource> {
  const { domain: host, path: repository } = name
  const client = await RegistryClient.open({ host, repository, actions: 'pull', access, insecure }, call)
  try {
    const first = await fetchManifest(client, name, name.digest ?? name.tag ?? 'latest', call)
    return new DockerSource(client, { asked, name }, first)
  } catch (error) {
    await client[Symbol.asyncDispose]()
    throw error
  }
}

/** @throws ImageError MANIFEST_UNKNOWN, UNAUTHORIZED, SIZE_EXCEEDED … */
export async function fetchManifest(
  client: RegistryClient,
  name: DockerReference,
  tagOrDigest: string,
  call: Call = {},
): Promise<RawManifest> {
  const path = `/v2/${name.path}/manifests/${tagOrDigest}`
  const what = `manifest of ${formatDockerReference(name)}`
  const headers = { accept: acceptedManifestTypes.join(', ') }
  const { response, bytes } = await client.read(path, { headers, limit: maximumManifestSize, what }, call)
  if (bytes === undefined) {
    const doing = `reading manifest ${tagOrDigest} in ${repositoryName(name)}`
    throw await registryError(response, doing, 'MANIFEST_UNKNOWN')
  }
  const told = header(response, 'docker-content-digest')
  if (told !== '' && !isDigest(told)) {
    throw new ImageError(
      'DIGEST_INVALID',
      `registry ${client.host} sent an invalid manifest digest ${quote(told, 100)}`,
    )
  }
  return { bytes, mediaType: header(response, 'content-type') }
}

class DockerSource implements ImageSource {
  readonly parallelBlobs = 6
  readonly #client: RegistryClient
  readonly #names: Names
  readonly #manifest: RawManifest
  /** Blobs that came whole in a single answer: the registry has no other bytes of them. */
  readonly #inOnePiece = new Set<Digest>()

  constructor(client: RegistryClient, names: Names, manifest: RawManifest) {
    this.#client = client
    this.#names = names
    this.#manifest = manifest
  }

  async manifest(instance?: Digest, call?: Call): Promise<RawManifest> {
    return instance === undefined ? this.#manifest : fetchManifest(this.#client, this.#names.name, instance, call)
  }

  async blob(blob: Descriptor, from: number, call?: Call): Promise<Bytes> {
    const kept = from === 0 ? this.#kept(blob) : undefined
    return kept === undefined ? this.#fetch(blob, from, call) : sharedDownload(kept, call)
  }

  blobRanges(blob: Descriptor, stretches: readonly Stretch[], call?: Call): Bytes {
    return blobRanges(this.#client, blob, stretches, call)
  }

  async arrivingBlob(blob: Descriptor, call?: Call<number>): Promise<ArrivingBlob | undefined> {
    const kept = this.#kept(blob)
    return kept && arrivingBlob(kept, call)
  }

  /** How the blob comes through a file, if it is worth one. */
  #kept(blob: Descriptor): Download | undefined {
    const { partialDir: directory } = this.#client.options.access
    if (directory === undefined || blob.size < worthKeeping) return undefined
    return { directory, blob, fetch: (from, call) => this.#fetch(blob, from, call) }
  }

  #fetch(blob: Descriptor, from: number, call?: Call): Promise<Bytes> {
    if (from === 0) this.#inOnePiece.add(blob.digest)
    const onResume = (): unknown => this.#inOnePiece.delete(blob.digest)
    return blobBytes(this.#client, blob, { from, onResume, ...(call?.signal && { signal: call.signal }) })
  }

  async forgetBlob(blob: Descriptor): Promise<'other' | 'same'> {
    const { partialDir } = this.#client.options.access
    if (partialDir !== undefined) await rm(partialPath(partialDir, blob), { force: true })
    return this.#inOnePiece.delete(blob.digest) ? 'same' : 'other'
  }

  async signatures(instance?: Digest, call?: Call): Promise<readonly Signature[]> {
    const { readSignatures } = await import('./signatures.ts')
    return readSignatures(this.#client, this.#names.asked, instance ?? this.#manifest, call)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]()
  }
}
