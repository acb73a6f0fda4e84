import type { Call } from './call.ts'
import type { CopyOptions, CopyResult } from './copy/options.ts'
import type { Digest } from './digest.ts'
import type { InspectedImage } from './inspect-image.ts'
import type { Descriptor } from './manifest/descriptor.ts'
import type { ReadImage, ReadManifest, ReadOptions } from './read-image.ts'
import type { DockerReference } from './reference/docker-reference.ts'
import type { PolicyRow } from './signature/describe-policy.ts'
import type { PolicyEdit } from './signature/edit-policy.ts'
import type { Policy } from './signature/policy.ts'
import type { LookasideSigning } from './signature/sign-lookaside.ts'
import type { Signer } from './signature/signer.ts'
import type { AskPassphrase } from './signature/signing-parameters.ts'
import type { SyncSource } from './sync/sources.ts'
import type { SyncedImage, SyncOptions, SyncTarget } from './sync/sync.ts'
import type { HeldImage } from './transports/archived-images.ts'
import type { ReferrersOptions } from './transports/docker/referrers.ts'
import type { SearchOptions, SearchResult } from './transports/docker/search.ts'
import type { DockerArchiveWriter } from './transports/docker-archive/writer.ts'
import type { AccessOptions, Credentials, ImageSource, Reference } from './transports/transport.ts'
import type { ImageView } from './view/view.ts'

// What only some callers need is loaded when they call it.

export type { HeldImage } from './transports/archived-images.ts'
export type { DockerArchiveWriter } from './transports/docker-archive/writer.ts'

/** Tries credentials against a registry. @throws ImageError UNAUTHORIZED, REGISTRY_UNREACHABLE */
export async function checkLogin(
  registry: string,
  credentials: Credentials,
  access?: AccessOptions,
  call?: Call,
): Promise<void> {
  return (await import('./transports/docker/login.ts')).checkLogin(registry, credentials, access, call)
}

/** All tags of a repository. @throws ImageError NAME_UNKNOWN, UNAUTHORIZED … */
export async function listTags(name: DockerReference, access?: AccessOptions, call?: Call): Promise<string[]> {
  return (await import('./transports/docker/list.ts')).listTags(name, access, call)
}

/** All repositories of a registry that lets itself be listed. */
export async function listRepositories(registry: string, access?: AccessOptions, call?: Call): Promise<string[]> {
  return (await import('./transports/docker/list.ts')).listRepositories(registry, access, call)
}

/** Every image of an archive or layout, with its names. @throws ImageError ARCHIVE_INVALID */
export async function listHeldImages(
  format: 'docker-archive' | 'oci-archive' | 'oci',
  path: string,
): Promise<readonly HeldImage[]> {
  return (await import('./transports/archived-images.ts')).listHeldImages(format, path)
}

/** What kind of archive or image directory a path holds; undefined when it is none. */
export async function detectFormat(
  path: string,
): Promise<'docker-archive' | 'oci-archive' | 'oci' | 'dir' | undefined> {
  return (await import('./transports/archived-images.ts')).detectFormat(path)
}

/** Begins a docker archive of several images. */
export async function createDockerArchive(path: string): Promise<DockerArchiveWriter> {
  return (await import('./transports/docker-archive/writer.ts')).DockerArchiveWriter.create(path)
}

export type { SearchOptions, SearchResult } from './transports/docker/search.ts'

/** Searches a registry for repositories. @throws ImageError REGISTRY_UNREACHABLE, UNAUTHORIZED … */
export async function searchRegistry(
  registry: string,
  term: string,
  options?: SearchOptions,
): Promise<readonly SearchResult[]> {
  return (await import('./transports/docker/search.ts')).searchRegistry(registry, term, options)
}

export type { ReferrersOptions } from './transports/docker/referrers.ts'

/** What refers to a manifest of a repository: signatures, bills of materials and such. */
export async function listReferrers(
  name: DockerReference,
  digest: Digest,
  options?: ReferrersOptions,
): Promise<readonly Descriptor[]> {
  return (await import('./transports/docker/referrers.ts')).listReferrers(name, digest, options)
}

/**
 * Copies an image from anywhere to anywhere. The policy is asked about an index and about every instance taken from
 * it before any blob moves; every byte is checked against its digest on the way; nothing is visible at the
 * destination before all of it is there (containers-transports(5)).
 * @throws ImageError POLICY_REJECTED, DIGEST_MISMATCH, PLATFORM_UNAVAILABLE and the transports' own
 */
export async function copyImage(from: Reference, to: Reference, options: CopyOptions): Promise<CopyResult> {
  return (await import('./copy/copy.ts')).copyImage(from, to, options)
}

/** The manifest a reference names, index or image, checked against the digest in the name. */
export async function readManifest(reference: Reference, options?: ReadOptions): Promise<ReadManifest> {
  return (await import('./read-image.ts')).readManifest(reference, options)
}

/** The manifest and config of the image for a platform; no layer is touched. */
export async function readImage(reference: Reference, options?: ReadOptions): Promise<ReadImage> {
  return (await import('./read-image.ts')).readImage(reference, options)
}

export type { InspectedImage } from './inspect-image.ts'
export type { SyncSource } from './sync/sources.ts'
export type { SyncedImage, SyncOptions, SyncTarget } from './sync/sync.ts'
export type { FoundFile, ImageView } from './view/view.ts'

/** Reads manifest and config of an image, of an index the one for the platform; layers are left where they are. */
export async function inspectImage(reference: Reference, options?: ReadOptions): Promise<InspectedImage> {
  return (await import('./inspect-image.ts')).inspectImage(reference, options)
}

/** One file of an image that stays where it is. @throws ImageError FILE_UNKNOWN, SIZE_EXCEEDED, DIGEST_MISMATCH */
export async function readImageFile(reference: Reference, path: string, options?: ReadOptions): Promise<Uint8Array> {
  return (await import('./view/view.ts')).readImageFile(reference, path, options)
}

/** Opens an image's files for reading, without pulling it; layers are fetched when a path needs them. */
export async function openImageView(reference: Reference, options?: ReadOptions): Promise<ImageView> {
  return (await import('./view/view.ts')).openImageView(reference, options)
}

/** Copies images in bulk, as skopeo-sync(1) does. @throws ImageError IMAGE_UNKNOWN, and copyImage's own */
export async function syncImages(
  source: SyncSource,
  target: SyncTarget,
  options: SyncOptions,
): Promise<readonly SyncedImage[]> {
  return (await import('./sync/sync.ts')).syncImages(source, target, options)
}

/** Removes an image from its holder. @throws ImageError COPY_UNSUPPORTED and the transport's own */
export async function deleteImage(reference: Reference, access?: AccessOptions, call?: Call): Promise<void> {
  return (await import('./read-image.ts')).deleteImage(reference, access, call)
}

export type { PolicyRow } from './signature/describe-policy.ts'
export type { PolicyEdit } from './signature/edit-policy.ts'

/** A policy as `podman image trust show` tells it: the default first, then transports and scopes in order. */
export async function describePolicy(policy: Policy, access?: AccessOptions): Promise<readonly PolicyRow[]> {
  return (await import('./signature/describe-policy.ts')).describePolicy(policy, access)
}

/** Sets the requirements of one scope in a policy file and leaves the rest of it. @throws ImageError POLICY_INVALID */
export async function setPolicy(path: string, edit: PolicyEdit): Promise<void> {
  return (await import('./signature/edit-policy.ts')).setPolicy(path, edit)
}

export type { AskPassphrase } from './signature/signing-parameters.ts'

/** The signer that a containers-sigstore-signing-params.yaml(5) file describes. @throws ImageError SIGNING_FAILED */
export async function loadSigstoreSigner(path: string, ask: AskPassphrase): Promise<Signer> {
  return (await import('./signature/signing-parameters.ts')).loadSigstoreSigner(path, ask)
}

export type { LookasideSigning } from './signature/sign-lookaside.ts'

/** Signs an image of any transport where it lies, as `podman image sign` does. @throws ImageError SIGNING_FAILED */
export async function signIntoLookaside(reference: Reference, signing: LookasideSigning, call?: Call): Promise<void> {
  return (await import('./signature/sign-lookaside.ts')).signIntoLookaside(reference, signing, call)
}

/** A config or other small blob of an image, checked against its digest. @throws ImageError DIGEST_MISMATCH, SIZE_EXCEEDED */
export async function readSmallBlob(source: ImageSource, blob: Descriptor, call?: Call): Promise<Uint8Array> {
  const { maximumManifestSize } = await import('./manifest/manifest.ts')
  return (await import('./copy/verify.ts')).readVerified(await source.blob(blob, 0, call), blob, maximumManifestSize)
}
