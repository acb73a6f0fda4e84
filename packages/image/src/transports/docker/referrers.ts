import type { Call } from '../../call.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { isImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatIndex } from '../../manifest/format.ts'
import { type Manifest, parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import type { DockerReference } from '../../reference/docker-reference.ts'
import type { AccessOptions, RawManifest } from '../transport.ts'
import type { RegistryClient } from './client.ts'
import { openRepository } from './list.ts'
import { pages } from './pages.ts'
import { registryError } from './registry-error.ts'
import { fetchManifest } from './source.ts'

export interface ReferrersOptions extends Call {
  readonly access?: AccessOptions
  /** Only those of this type. */
  readonly artifactType?: string
}

/** What refers to a manifest: by the referrers API, else by the tag that stands in for it (distribution-spec 1.1). */
export async function listReferrers(
  name: DockerReference,
  digest: Digest,
  options: ReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const { access = {}, artifactType } = options
  await using client = await openRepository(name, access, options)
  const all = (await byInterface(client, digest, options)) ?? (await byTag(client, digest, options))
  return artifactType === undefined ? all : all.filter(one => one.artifactType === artifactType)
}

/** Undefined: the registry has no such interface. */
async function byInterface(
  client: RegistryClient,
  digest: Digest,
  { artifactType, ...call }: ReferrersOptions,
): Promise<readonly Descriptor[] | undefined> {
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  const first = `/v2/${client.options.repository}/referrers/${digest}${query}`
  const listing = { doing: `listing referrers of ${digest}`, missing: 'MANIFEST_UNKNOWN', ...call } as const
  const found: Descriptor[] = []
  try {
    for await (const page of pages(client, first, listing)) found.push(...readIndex(page))
  } catch (error) {
    if (isImageError(error) && error.status === 404) return undefined
    throw error
  }
  return found
}

const fallbackTag = (digest: Digest): string => digest.replace(':', '-').slice(0, 128)

async function byTag(client: RegistryClient, digest: Digest, call: Call): Promise<readonly Descriptor[]> {
  const { host: domain, repository: path } = client.options
  try {
    return readIndex((await fetchManifest(client, { domain, path }, fallbackTag(digest), call)).bytes)
  } catch (error) {
    if (isImageError(error, 'MANIFEST_UNKNOWN', 'NAME_UNKNOWN')) return []
    throw error
  }
}

function readIndex(bytes: Uint8Array): readonly Descriptor[] {
  const index = parseManifest(bytes, mediaTypes.ociIndex)
  return index.kind === 'index' ? index.manifests : []
}

/** What a registry without the interface needs told, once a manifest with a subject is there: the tag of its referrers grows. */
export async function noteReferrer(client: RegistryClient, raw: RawManifest, call: Call = {}): Promise<void> {
  const manifest = parseManifest(raw.bytes, raw.mediaType)
  if (manifest.kind === 'schema1' || manifest.subject === undefined) return
  const { digest } = manifest.subject
  const before = await byTag(client, digest, call)
  const added = describe(manifest, raw)
  if (before.some(one => one.digest === added.digest)) return
  const body = formatIndex({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests: [...before, added] })
  const headers = { 'content-type': mediaTypes.ociIndex }
  const path = `/v2/${client.options.repository}/manifests/${fallbackTag(digest)}`
  const response = await client.send(path, { method: 'PUT', headers, body }, call)
  if (response.statusCode !== 201)
    throw await registryError(response, `adding a referrer of ${digest}`, 'REGISTRY_ERROR')
  await response.body.dump()
}

/** A referrer as lists of referrers show it (image-spec image-index.md, distribution-spec listing-referrers). */
function describe(manifest: Exclude<Manifest, { kind: 'schema1' }>, { bytes }: RawManifest): Descriptor {
  const artifactType = manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined)
  return {
    mediaType: manifest.mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(manifest.annotations !== undefined && { annotations: manifest.annotations }),
  }
}
