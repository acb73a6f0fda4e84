import type { Bytes, Call, FileRange } from '../call.ts'
import type { AssembledTar, HeldBytes } from '../chunked/assemble.ts'
import type { Stretch } from '../chunked/positions.ts'
import type { Digest } from '../digest.ts'
import type { Descriptor } from '../manifest/descriptor.ts'
import type { DockerReference } from '../reference/docker-reference.ts'
import type { Signature } from '../signature/signature.ts'

/** A user name and password, or an identity token from which access tokens are made. */
export interface Credentials {
  readonly username: string
  readonly password: string
  readonly identityToken?: string
}

/** Where configuration lives and how registries are reached; every field has the real tools' default. */
export interface AccessOptions {
  /** `--authfile`; else `REGISTRY_AUTH_FILE`, else the usual places. */
  readonly authFile?: string
  /** `--creds`; beats every file. `anonymous` sends none. */
  readonly credentials?: Credentials | 'anonymous'
  /** A registry token used as it is (`--registry-token`). */
  readonly registryToken?: string
  /** Hosts (`host[:port]`) of other domains that may be given a registry's credentials to make a token from. */
  readonly tokenServers?: readonly string[]
  /** `--cert-dir`; else the certs.d directories. */
  readonly certDir?: string
  /** `no` tolerates a bad certificate and falls back to http; unset leaves it to registries.conf. */
  readonly tlsVerify?: 'yes' | 'no'
  readonly registriesConf?: string
  readonly registriesConfDir?: string
  /** `--registries.d`. */
  readonly registriesDir?: string
  readonly shortNameAliasFile?: string
  /** A Docker daemon: `unix://`, `tcp://` (TLS, with `ca.pem`, `cert.pem` and `key.pem` of `certDir`), `http://`; else `DOCKER_HOST`. */
  readonly daemonHost?: string
  /** The user agent sent to registries. */
  readonly userAgent?: string
  /** Retries of one request after 429, 5xx or a broken connection (3). */
  readonly retries?: number
  /** The first pause between retries in milliseconds; unset is exponential from 1000. */
  readonly retryDelay?: number
  /** Blobs go up in pieces of so many bytes, each sent again when its connection breaks; unset: in one stream. */
  readonly uploadChunkSize?: number
  /** Repositories of the destination's registry that blobs may be mounted from. */
  readonly mountFrom?: readonly string[]
  /** Where unfinished downloads are kept to be resumed; unset: nowhere. */
  readonly partialDir?: string
  /** Environment consulted instead of `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** A manifest as stored or served: the bytes are the truth, the type what the holder says ('' when it says nothing). */
export interface RawManifest {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/**
 * Reads one image. `manifest()` first (no argument: what the reference names, perhaps an index), then blobs in any
 * order, at most `parallelBlobs` at once. Bytes come as they are stored: the caller verifies them.
 */
export interface ImageSource extends AsyncDisposable {
  readonly parallelBlobs: number
  /** @throws ImageError MANIFEST_UNKNOWN, SIZE_EXCEEDED and the transport's own */
  manifest(instance?: Digest, call?: Call): Promise<RawManifest>
  /** The blob from byte `from` on. @throws ImageError BLOB_UNKNOWN */
  blob(blob: Descriptor, from: number, call?: Call): Promise<Bytes>
  /** As blob, whole, when this source checks it: the bytes only end when they have the digest. Each piece may be overwritten once the next is asked for. */
  lentBlob?(blob: Descriptor, call?: Call): Promise<Bytes | undefined>
  /** The blob as a stretch of a local file, when it lies in one uncompressed piece. */
  blobFile?(blob: Descriptor): Promise<FileRange | undefined>
  /** The blob as a file that it is being fetched into, where this source keeps such files. */
  arrivingBlob?(blob: Descriptor, call?: Call<number>): Promise<ArrivingBlob | undefined>
  /**
   * Stretches of the blob, one after another, where this source has them without the rest.
   * @throws ImageError COPY_UNSUPPORTED when it turns out that it has not
   */
  blobRanges?(blob: Descriptor, stretches: readonly Stretch[], call?: Call): Bytes
  /** Layers to read instead of the manifest's, where the holder keeps them in another form (a store: uncompressed). */
  layers?(instance?: Digest, call?: Call): Promise<readonly Descriptor[] | undefined>
  /** Other blobs known to hold the same layer: a destination that has one of them need not be sent anything. */
  otherForms?(layer: Descriptor): Promise<readonly Descriptor[]>
  /** What was given of a blob turned out to be wrong: nothing of it may be given again. Tells whether another try may give other bytes. */
  forgetBlob?(blob: Descriptor): Promise<'other' | 'same'>
  signatures?(instance?: Digest, call?: Call): Promise<readonly Signature[]>
}

/** A blob on its way into a local file. Disposed, it stops coming; what has come is kept for another time. */
export interface ArrivingBlob extends AsyncDisposable {
  /** The stretch of the file, with `filled`. */
  readonly range: FileRange
  /** Ends when all of it is there. */
  readonly arrival: Promise<void>
}

/** Facts about what a destination takes. An empty `manifestTypes` takes every type. */
export interface DestinationWants {
  readonly manifestTypes: readonly string[]
  readonly layers: 'as-they-are' | 'compressed' | 'uncompressed'
  readonly os: 'any' | 'host'
  readonly parallelBlobs: number
  /** Whether an index may be put, and its instances under their digests. */
  readonly indexes: 'yes' | 'no'
  /** `lent`: putLayer is done with each piece before it asks for the next, which may then take its place; else it gets ones to keep. */
  readonly pieces?: 'lent' | 'kept'
  /** `yes`: what putLayer returns was computed from the bytes themselves, so nobody else need hash them. */
  readonly verifiesLayers?: 'yes' | 'no'
}

/**
 * Takes one image: the config first, then layers in any order and in parallel, then manifests (instances before the index that
 * names them), signatures, and `commit`. Disposed without commit, nothing is seen to have happened.
 */
export interface ImageDestination extends AsyncDisposable {
  readonly wants: DestinationWants
  /** The layer as the destination already holds it, or undefined. Its digest may differ where wants.layers allows. */
  findLayer(layer: LayerToPut, index: number, call?: Call): Promise<Descriptor | undefined>
  /** Stores a layer; a digest of '' means unknown until written. Returns what was stored. */
  putLayer(layer: LayerToPut, index: number, bytes: Bytes, call?: Call): Promise<Descriptor>
  /** As putLayer, for a layer that lies in a local file: no byte passes through this thread. */
  putLayerFile?(layer: LayerToPut, index: number, range: FileRange, call?: Call<number>): Promise<Descriptor>
  /** How layers are put by parts, where that is wanted. */
  readonly parts?: PartsDestination | undefined
  putConfig(config: Descriptor, bytes: Uint8Array, call?: Call): Promise<void>
  /** @throws ImageError MANIFEST_REFUSED when another type of manifest may be taken */
  putManifest(manifest: RawManifest, instance?: Digest, call?: Call): Promise<void>
  putSignatures?(signatures: readonly Signature[], instance?: Digest, call?: Call): Promise<void>
  /** The index that the image was chosen from, for a holder that keeps it beside the image. */
  noteIndex?(index: RawManifest): Promise<void>
  commit(call?: Call): Promise<void>
}

/** Takes a layer as a tar that was put together from contents it has and from parts of the blob. */
export interface PartsDestination {
  /** Which of the contents are there. */
  find(digests: ReadonlySet<Digest>, call?: Call): Promise<HeldContents>
  /**
   * Stores the layer; its table of contents is asked for when all has been read. What the tar's digest must be is the
   * config's to say. @throws ImageError DIGEST_MISMATCH, COPY_UNSUPPORTED when the config says nothing
   */
  put(layer: Descriptor, index: number, tar: PutTogether, call?: Call): Promise<void>
}

/** A tar made of what `find` found and of parts of the blob. */
export interface PutTogether extends AssembledTar {
  readonly held: HeldContents
}

/** Contents of files by their digest; read ones may have been changed by anybody. Disposed, nothing more is read. */
export interface HeldContents extends HeldBytes, Disposable {
  has(digest: Digest): boolean
}

/** A layer on its way: the digest and size are missing when it is being recompressed. */
export interface LayerToPut {
  readonly mediaType: string
  readonly digest?: Digest
  readonly size: number
  /** The uncompressed digest the config promises, when known. */
  readonly diffId?: Digest
  /** Repositories of the destination's registry that the layer was seen in. */
  readonly repositories?: readonly string[]
}

/** An image name of some transport: plain data plus what can be done with it. Making one touches nothing. */
export interface Reference {
  readonly transport: string
  /** The name without the transport and its colon. */
  readonly text: string
  /** The image's docker-style name, when it has one: what signatures speak of. */
  readonly dockerReference?: DockerReference
  /** Keys of policy.json to try, the exact identity first, then ever wider (containers-policy.json(5)); without the final ''. */
  readonly policyScopes: readonly string[]
  openSource?(access: AccessOptions, call?: Call): Promise<ImageSource>
  openDestination?(access: AccessOptions, call?: Call): Promise<ImageDestination>
  /** Removes the image from its holder. */
  delete?(access: AccessOptions, call?: Call): Promise<void>
}

/** A kind of place images live in. `parse` is pure. A third party's transport is one such object. */
export interface Transport {
  readonly name: string
  /** @throws ImageError REFERENCE_INVALID */
  parse(text: string): Reference
}
