import type { Call } from '../../call.ts'
import { readVerified } from '../../copy/verify.ts'
import { type Digest, digestOf } from '../../digest.ts'
import { ImageError } from '../../errors.ts'
import type { Descriptor } from '../../manifest/descriptor.ts'
import { formatImageManifest } from '../../manifest/format.ts'
import { type ImageManifest, maximumManifestSize, parseManifest } from '../../manifest/manifest.ts'
import { mediaTypes } from '../../manifest/media-types.ts'
import type { DockerReference } from '../../reference/docker-reference.ts'
import { maximumSignatures } from '../../signature/lookaside.ts'
import type { SigstoreSignature } from '../../signature/signature.ts'
import { blobBytes } from './blobs.ts'
import type { RegistryClient } from './client.ts'
import { registryError } from './registry-error.ts'
import { fetchManifest } from './source.ts'
import { hasBlob, uploadBlob } from './upload.ts'

/** The tag that keeps the signatures of a manifest (cosign's convention). */
const attachmentTag = (digest: Digest): string => `${digest.replace(':', '-')}.sig`

/** Reads the sigstore signatures of a manifest; what does not match its digest is an error, not an absence. */
export async function readAttachments(
  client: RegistryClient,
  digest: Digest,
  call?: Call,
): Promise<readonly SigstoreSignature[]> {
  const manifest = await fetchAttachments(client, digest, call)
  const layers = manifest?.layers ?? []
  if (layers.length > maximumSignatures)
    throw new ImageError('SIZE_EXCEEDED', `${digest} has more than ${maximumSignatures} signatures`)
  return Promise.all(layers.map(layer => readAttachment(client, layer, call)))
}

async function readAttachment(client: RegistryClient, layer: Descriptor, call?: Call): Promise<SigstoreSignature> {
  const bytes = await blobBytes(client, layer, { from: 0, ...call })
  const payload = await readVerified(bytes, layer, maximumManifestSize)
  return { kind: 'sigstore', mimeType: layer.mediaType, payload, annotations: layer.annotations ?? {} }
}

async function fetchAttachments(
  client: RegistryClient,
  digest: Digest,
  call?: Call,
): Promise<ImageManifest | undefined> {
  const { host: domain, repository: path } = client.options
  try {
    const raw = await fetchManifest(client, { domain, path }, attachmentTag(digest), call)
    const manifest = parseManifest(raw.bytes, raw.mediaType)
    if (manifest.kind === 'image' && manifest.mediaType === mediaTypes.ociManifest) return manifest
  } catch (error) {
    if (error instanceof ImageError && (error.code === 'MANIFEST_UNKNOWN' || error.code === 'NAME_UNKNOWN'))
      return undefined
    throw error
  }
  throw new ImageError('SIGNATURE_INVALID', `the signatures of ${digest} are no OCI image manifest`)
}

/** Adds signatures to those a manifest has. */
export async function writeAttachments(
  client: RegistryClient,
  name: DockerReference,
  { digest, signatures }: { readonly digest: Digest; readonly signatures: readonly SigstoreSignature[] },
  call?: Call,
): Promise<void> {
  const before = (await fetchAttachments(client, digest, call))?.layers ?? []
  const added: Descriptor[] = []
  for (const { payload, mimeType, annotations } of signatures) {
    const layer = {
      mediaType: mimeType,
      digest: await upload(client, payload, call),
      size: payload.length,
      annotations,
    }
    if (![...before, ...added].some(other => isSame(other, layer))) added.push(layer)
  }
  if (added.length > 0) await putAttachments(client, name, { digest, layers: [...before, ...added] }, call)
}

const isSame = (a: Descriptor, b: Descriptor): boolean =>
  a.digest === b.digest &&
  a.mediaType === b.mediaType &&
  JSON.stringify(a.annotations) === JSON.stringify(b.annotations)

async function putAttachments(
  client: RegistryClient,
  name: DockerReference,
  { digest, layers }: { readonly digest: Digest; readonly layers: readonly Descriptor[] },
  call?: Call,
): Promise<void> {
  const diffIds = layers.map(layer => layer.digest)
  const config = Buffer.from(
    JSON.stringify({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
  )
  const described = { mediaType: mediaTypes.ociConfig, digest: await upload(client, config, call), size: config.length }
  const body = formatImageManifest({ kind: 'image', mediaType: mediaTypes.ociManifest, config: described, layers })
  const path = `/v2/${name.path}/manifests/${attachmentTag(digest)}`
  const headers = { 'content-type': mediaTypes.ociManifest }
  const response = await client.send(path, { method: 'PUT', headers, body }, call)
  if (response.statusCode !== 201)
    throw await registryError(response, `uploading signatures of ${digest}`, 'REGISTRY_ERROR')
  await response.body.dump()
}

async function upload(client: RegistryClient, bytes: Uint8Array, call?: Call): Promise<Digest> {
  const digest = digestOf(bytes)
  const body = async function* () {
    yield bytes
  }
  if ((await hasBlob(client, digest, call)) === undefined) await uploadBlob(client, body(), { digest }, call)
  return digest
}
