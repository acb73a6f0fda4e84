export type { Bytes, Call, FileRange } from './call.ts'
export type { BlobKind, CopyEvent } from './copy/events.ts'
export type { CompressionFormat, CopyOptions, CopyResult, PlatformChoice } from './copy/options.ts'
export { type Digest, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts'
export { ImageError, type ImageErrorCode, type ImageErrorDetail, isImageError } from './errors.ts'
export type { Descriptor, Platform } from './manifest/descriptor.ts'
export { isIndexType, mediaTypes } from './manifest/media-types.ts'
export {
  type DockerReference,
  defaultDomain,
  familiarName,
  familiarReference,
  formatDockerReference,
  isShortName,
  parseDockerReference,
  repositoryName,
  withDefaultTag,
  withDigest,
  withoutTag,
  withTag,
} from './reference/docker-reference.ts'
export type { Endpoint, Mirror, Registries, RegistryTable } from './registries/registries.ts'
export { insecureAcceptAnything, type Policy, type Requirement } from './signature/policy.ts'
export type { Signature, SigstoreSignature, SimpleSignature } from './signature/signature.ts'
export type { Signer } from './signature/signer.ts'
export type {
  AccessOptions,
  Credentials,
  ImageDestination,
  ImageSource,
  LayerToPut,
  RawManifest,
  Reference,
  Transport,
} from './transports/transport.ts'

// Signatures of what is being filled in right now.
import type { Call } from './call.ts'
import type { CopyOptions, CopyResult, PlatformChoice } from './copy/options.ts'
import type { Digest } from './digest.ts'
import type { Descriptor, Platform } from './manifest/descriptor.ts'
import type { DockerReference } from './reference/docker-reference.ts'
import type { Registries } from './registries/registries.ts'
import type { Policy } from './signature/policy.ts'
import type { AccessOptions, Credentials, RawManifest, Reference, Transport } from './transports/transport.ts'

/** `transport:rest` → Reference. @throws ImageError TRANSPORT_UNKNOWN, REFERENCE_INVALID */
export declare function parseImageName(text: string, more?: readonly Transport[]): Reference
/** `transport:text` of a reference. */
export declare function formatImageName(reference: Reference): string
export declare function copyImage(from: Reference, to: Reference, options: CopyOptions): Promise<CopyResult>

/** policy.json: `path`, else the user's, else /etc's. @throws ImageError POLICY_MISSING, POLICY_INVALID */
export declare function loadPolicy(path?: string, env?: AccessOptions['env']): Promise<Policy>
export declare function parsePolicy(bytes: Uint8Array | string): Policy

export declare function loadRegistries(access?: AccessOptions): Promise<Registries>
export interface ShortNameCandidate {
  readonly reference: DockerReference
  readonly from: 'alias' | 'search' | 'localhost' | 'qualified'
  readonly origin: string
}
export interface ShortNames {
  readonly candidates: readonly ShortNameCandidate[] /** `ask`: a person must choose, or the pull is refused (enforcing, or no terminal). */
  readonly decision: 'use-in-order' | 'ask'
}
/** What a name a user typed may mean, in order (pure). @throws ImageError SHORT_NAME_UNRESOLVED, REFERENCE_INVALID */
export declare function resolveShortName(text: string, registries: Registries, terminal: 'yes' | 'no'): ShortNames
export declare function recordShortNameAlias(
  alias: string,
  target: DockerReference,
  access?: AccessOptions,
): Promise<void>

export declare function getCredentials(key: string, access?: AccessOptions): Promise<Credentials | undefined>
export declare function setCredentials(key: string, credentials: Credentials, access?: AccessOptions): Promise<string>
export declare function removeCredentials(key: string, access?: AccessOptions): Promise<void>
export declare function removeAllCredentials(access?: AccessOptions): Promise<void>
export declare function listCredentials(access?: AccessOptions): Promise<ReadonlyMap<string, Credentials>>
/** Tries credentials against a registry. @throws ImageError UNAUTHORIZED, REGISTRY_UNREACHABLE */
export declare function checkLogin(
  registry: string,
  credentials: Credentials,
  access?: AccessOptions,
  call?: Call,
): Promise<void>

export declare function readManifest(
  reference: Reference,
  access?: AccessOptions,
  call?: Call,
): Promise<RawManifest & { readonly digest: Digest }>
export interface ReadImageOptions extends Call {
  readonly access?: AccessOptions
  readonly platform?: PlatformChoice
}
export interface InspectedImage {
  readonly digest: Digest
  readonly manifestType: string
  readonly manifest: Uint8Array
  readonly config: Uint8Array
  readonly platform: Platform
  readonly created?: string
  readonly labels: ReadonlyMap<string, string>
  readonly env: readonly string[]
  readonly layers: readonly Descriptor[]
}
export declare function inspectImage(reference: Reference, options?: ReadImageOptions): Promise<InspectedImage>
export declare function listTags(repository: DockerReference, access?: AccessOptions, call?: Call): Promise<string[]>
export interface SearchResult {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: 'yes' | 'no'
  readonly automated: 'yes' | 'no'
}
export declare function searchRegistry(
  registry: string,
  term: string,
  limit: number,
  access?: AccessOptions,
): Promise<readonly SearchResult[]>
export declare function deleteImage(reference: Reference, access?: AccessOptions, call?: Call): Promise<void>
