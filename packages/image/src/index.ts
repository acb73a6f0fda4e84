export type { Bytes, Call, FileRange } from './call.ts'
export type { ComposedFile } from './compose/layer.ts'
export { type ComposeOptions, composeImage, composeIndex, type IndexEntry } from './compose/reference.ts'
export type { BlobKind, CopyEvent } from './copy/events.ts'
export type { CopyOptions, CopyResult, PlatformChoice } from './copy/options.ts'
export { authFilePaths } from './credentials/auth-file.ts'
export { getCredentials } from './credentials/find.ts'
export { listCredentials, removeAllCredentials, removeCredentials, setCredentials } from './credentials/store.ts'
export { type Digest, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts'
export { ImageError, type ImageErrorCode, type ImageErrorDetail, isImageError } from './errors.ts'
export * from './lazy.ts'
export { type ImageConfig, readImageConfig } from './manifest/config.ts'
export type { Descriptor, Platform } from './manifest/descriptor.ts'
export { formatImageManifest, formatIndex } from './manifest/format.ts'
export type { CompressionFormat } from './manifest/layer-type.ts'
export {
  guessManifestType,
  type ImageManifest,
  type IndexManifest,
  type Manifest,
  manifestDigest,
  parseManifest,
  type Schema1Manifest,
} from './manifest/manifest.ts'
export { isIndexType, mediaTypes } from './manifest/media-types.ts'
export { chooseInstance, hostPlatform } from './manifest/platform.ts'
export type { ReadImage, ReadManifest, ReadOptions } from './read-image.ts'
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
export { aliasFile, recordShortNameAlias } from './registries/aliases.ts'
export { loadRegistries } from './registries/load.ts'
export { findTable, type PullSource, pullSources } from './registries/match.ts'
export type { Endpoint, Mirror, Registries, RegistryTable } from './registries/registries.ts'
export { resolveShortName, type ShortNameCandidate, type ShortNames } from './registries/short-names.ts'
export { generateCosignKey, readCosignKey } from './signature/cosign-key.ts'
export { requireAllowed, requirementsFor, type SignedImage } from './signature/evaluate.ts'
export { findPolicyFile, loadPolicy, policyPaths } from './signature/load-policy.ts'
export { parsePolicy } from './signature/parse-policy.ts'
export { insecureAcceptAnything, type Policy, type Requirement } from './signature/policy.ts'
export type { Signature, SigstoreSignature, SimpleSignature } from './signature/signature.ts'
export type { Signer } from './signature/signer.ts'
export { sigstoreSigner } from './signature/sigstore.ts'
export { gpgSigner, type SimpleKey, simpleSigner } from './signature/simple.ts'
export { containersStorage, type StoredName, storageReference } from './transports/containers-storage/reference.ts'
export type { StorePort } from './transports/containers-storage/store-port.ts'
export { dockerReference } from './transports/docker/reference.ts'
export { formatImageName, parseImageName, transports } from './transports/table.ts'
export { type TarballConfig, tarballReference } from './transports/tarball/reference.ts'
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
