import type { BuildEvent, BuildInput, BuildSpec, BuiltImage } from '../build/spec.ts'
import type { DirectoryEntry } from '../containers/containers.ts'
import type { Call } from '../spec/call.ts'
import type { Difference } from './differences.ts'

/** Progress of pull, push, load, save and import, made for people; sizes in bytes. */
export type PullEvent =
  /** What a short name, told without tag or digest, may mean is read from this file. */
  | { readonly type: 'short-name'; readonly name: string; readonly by: 'alias' | 'search'; readonly file: string }
  | { readonly type: 'source'; readonly reference: string }
  | { readonly type: 'blob-start'; readonly digest: string; readonly kind: 'layer' | 'config'; readonly size: number }
  | {
      readonly type: 'blob-progress'
      readonly digest: string
      readonly kind: 'layer' | 'config'
      readonly size: number
      readonly transferred: number
    }
  | { readonly type: 'blob-done'; readonly digest: string; readonly kind: 'layer' | 'config'; readonly size: number }
  | { readonly type: 'blob-reused'; readonly digest: string; readonly kind: 'layer' | 'config'; readonly size: number }
  | {
      /** Of a layer that was put together: bytes of files that were there, and bytes fetched. */
      readonly type: 'blob-parts'
      readonly digest: string
      readonly kind: 'layer' | 'config'
      readonly size: number
      readonly reused: number
      readonly fetched: number
    }
  | {
      /** Before an image of a list is copied, as it is or in a further compression; `listed` is how many the list has. */
      readonly type: 'instance'
      readonly digest: string
      readonly how: 'copied' | 'recompressed'
      readonly position: number
      readonly total: number
      readonly listed: number
    }
  | { readonly type: 'manifest'; readonly digest: string; readonly of: 'image' | 'list' }
  | { readonly type: 'signatures'; readonly count: number }
  | ImageWarning
  | {
      readonly type: 'retry'
      readonly error: string
      readonly attempt: number
      readonly of: number
      readonly delayMs: number
    }

export interface RegistryOptions {
  readonly authFile?: string
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly certDir?: string
  readonly tlsVerify?: 'yes' | 'no'
  readonly signaturePolicy?: string
  readonly retry?: number
  readonly retryDelayMs?: number
}

export interface PullOptions extends RegistryOptions {
  readonly policy?: 'always' | 'missing' | 'never' | 'newer'
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string }
  readonly tags?: 'one' | 'all'
}

/** Images of the store. `name` is a name, short name, id, unique id prefix or digest; rejects with IMAGE_UNKNOWN. */
export interface Images {
  /** Resolves to the ids pulled (or found, by policy). Nothing is left behind on failure except resumable blobs. */
  pull(name: string, options?: PullOptions & Call<PullEvent>): Promise<readonly string[]>
  /** Whether a registry has another image under this name than the one with this id. */
  hasNewer(id: string, name: string, options?: RegistryOptions & Call): Promise<boolean>
  push(
    name: string,
    destination: string | undefined,
    options?: PushOptions & Call<PullEvent>,
  ): Promise<{ readonly digest: string }>
  /** Makes a GnuPG signature of an image of any transport and keeps it in a lookaside directory. */
  sign(name: string, options: SignImageOptions & Call): Promise<void>
  /** `path` of an archive or directory in any local transport, guessed from its bytes. */
  load(path: string, options?: { readonly signaturePolicy?: string } & Call<PullEvent>): Promise<readonly string[]>
  save(names: readonly string[], options: SaveOptions & Call<PullEvent>): Promise<void>
  /**
   * Builds an image with the Buildah that is installed, in this store, with this engine's runtime. What it prints comes through
   * `onProgress`. A signal stops it as Ctrl-C does; no working container of it is left.
   * @throws LibpodError SPEC_INVALID, BUILDER_UNAVAILABLE, UNSUPPORTED (an option that this Buildah does not know); BuildError
   */
  build(spec: BuildSpec, options?: { readonly input?: BuildInput } & Call<BuildEvent>): Promise<BuiltImage>
  import(source: string, options?: ImportOptions & Call<PullEvent>): Promise<string>
  list(options?: ImageListOptions & Call): Promise<readonly ImageSummary[]>
  inspect(name: string, call?: Call): Promise<ImageInspect>
  history(name: string, call?: Call): Promise<readonly HistoryEntry[]>
  tag(name: string, newNames: readonly string[], call?: Call): Promise<void>
  untag(name: string, names: readonly string[], call?: Call): Promise<void>
  remove(names: readonly string[], options?: RemoveImageOptions & Call<ImageWarning>): Promise<RemoveImageReport>
  prune(
    options?: PruneImageOptions & Call<ImageWarning>,
  ): Promise<readonly { readonly id: string; readonly size: number }[]>
  /** Removes the working containers of builds, of those as well that go on; bytes of each. */
  pruneBuilds(call?: Call): Promise<readonly { readonly id: string; readonly size: number }[]>
  exists(name: string, call?: Call): Promise<boolean>
  /** The image behind a name, as the engine needs it to create a container. */
  lookup(name: string, call?: Call): Promise<FoundImage>
  mount(name: string, call?: Call): Promise<string>
  unmount(name: string, how: 'once' | 'force', call?: Call): Promise<'unmounted' | 'not-mounted'>
  /** What a directory inside the image holds, links resolved within it; undefined when there is no such directory. */
  entries(name: string, path: string, call?: Call): Promise<readonly DirectoryEntry[] | undefined>
  mounts(
    call?: Call,
  ): Promise<readonly { readonly id: string; readonly repositories: readonly string[]; readonly path: string }[]>
  tree(name: string, call?: Call): Promise<ImageTree>
  search(term: string, options?: SearchOptions & Call): Promise<readonly SearchHit[]>
  /** What the image's top layer changes. */
  changes(name: string, call?: Call): Promise<readonly Difference[]>
  /** What an image, container or layer changes as against another of them; against its own parent when none is given. */
  differences(name: string, since?: string, call?: Call): Promise<readonly Difference[]>
}

export interface FoundImage {
  readonly id: string
  /** The name that matched, fully qualified; the id when it was found by id. */
  readonly resolvedName: string
  readonly topLayer: string | undefined
  readonly digest: string | undefined
  /** The image config document as stored. */
  readonly config: ImageConfig
}

/** The `config` object and platform of an OCI or Docker image config, validated field by field; bad members are dropped. */
export interface ImageConfig {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly created?: string
  readonly author?: string
  readonly user: string
  readonly env: readonly string[]
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly workdir: string
  readonly volumes: readonly string[]
  readonly exposedPorts: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly stopSignal: string
  readonly healthcheck?: {
    readonly test: readonly string[]
    readonly interval?: number
    readonly timeout?: number
    readonly startPeriod?: number
    readonly retries?: number
  }
  readonly shell: readonly string[]
  readonly onBuild: readonly string[]
}

/** The signatures to make; nothing is signed when all are absent. */
export interface SigningOptions {
  /** A key of the user's GnuPG keyring. */
  readonly signBy?: string
  /** Path of an encrypted sigstore private key. */
  readonly signBySigstoreKey?: string
  /** Path of a containers-sigstore-signing-params.yaml(5) file. */
  readonly signBySigstore?: string
  /** Gives the passphrase of a key; unset, GnuPG asks for its own and sigstore keys have an empty one. */
  readonly passphrase?: (key: string) => Promise<string>
}

export interface PushOptions extends RegistryOptions, SigningOptions {
  readonly format?: 'oci' | 'v2s2' | 'v2s1'
  readonly compression?: 'gzip' | 'zstd' | 'zstd:chunked' | 'none'
  readonly compressionLevel?: number
  readonly forceCompression?: 'yes' | 'no'
  readonly removeSignatures?: 'yes' | 'no'
}

export interface SignImageOptions extends RegistryOptions {
  readonly signBy: string
  /** Where signatures go instead of the lookaside that registries.d names. */
  readonly directory?: string
  /** `all`: every image of an index, and not the index. */
  readonly instances?: 'all' | 'named'
}

export interface SaveOptions {
  readonly format: 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir'
  /** A path, or a stream to write to. */
  readonly output: string | NodeJS.WritableStream
  readonly compress?: 'yes' | 'no'
  readonly uncompressed?: 'yes' | 'no'
  /** Read, so that a broken one is found; what is in the store needs no leave. */
  readonly signaturePolicy?: string
  /** Further names for the (only) image in the archive. */
  readonly additionalTags?: readonly string[]
}

export interface ImportOptions {
  readonly name?: string
  readonly changes?: readonly string[]
  readonly message?: string
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string }
}

export interface ImageListOptions {
  readonly filters?: Readonly<Record<string, readonly string[]>>
  /** Intermediate images too (`-a`). */
  readonly which?: 'visible' | 'all'
  readonly names?: readonly string[]
}

export interface ImageSummary {
  readonly id: string
  readonly names: readonly string[]
  readonly digest: string
  readonly digests: readonly string[]
  readonly parentId: string
  readonly created: number
  readonly size: number
  readonly sharedSize: number
  readonly labels: Readonly<Record<string, string>>
  readonly containers: number
  readonly history: readonly string[]
  readonly readOnly: 'yes' | 'no'
  readonly dangling: 'yes' | 'no'
  readonly manifestList: 'yes' | 'no'
  readonly architecture: string
  readonly os: string
  /** What of the image is lost; what comes from there is missing above. */
  readonly damage?: string
}

/** The JSON of `podman image inspect`, Podman's key names. */
export interface ImageInspect {
  readonly Id: string
  readonly [key: string]: unknown
}

export interface HistoryEntry {
  readonly id: string
  readonly created: string
  readonly createdBy: string
  readonly size: number
  readonly comment: string
  readonly tags: readonly string[]
}

/** Something that did not stop the work. */
export interface ImageWarning {
  readonly type: 'warning'
  readonly message: string
}

export interface RemoveImageOptions {
  /** An image that containers use, or that has several names: refuse, or go on (`--force`). */
  readonly inUse?: 'refuse' | 'remove-containers'
  readonly missing?: 'refuse' | 'ignore'
  readonly which?: 'named' | 'all'
  readonly parents?: 'prune' | 'keep'
}

export interface RemoveImageReport {
  readonly untagged: readonly string[]
  readonly deleted: readonly string[]
  /** One per name that could not be removed; the rest was. */
  readonly errors: readonly Error[]
}

export interface PruneImageOptions {
  readonly which?: 'dangling' | 'all'
  readonly filters?: Readonly<Record<string, readonly string[]>>
  readonly external?: 'yes' | 'no'
  /** And what `RUN --mount=type=cache` kept; `which: 'all'` takes it along. */
  readonly buildCache?: 'yes' | 'no'
  readonly dryRun?: 'yes' | 'no'
}

export interface ImageTree {
  readonly id: string
  readonly tags: readonly string[]
  readonly size: number
  readonly layers: readonly ImageTreeLayer[]
  /** The last layer with everything that stands on it; undefined for an image without layers. */
  readonly top?: ImageTreeNode
  /** How many other layers stand on what the last one stands on. */
  readonly siblings?: number
}

export interface ImageTreeLayer {
  readonly id: string
  /** Bytes, uncompressed. */
  readonly size: number
  /** The names of images whose last layer it is. */
  readonly topOf: readonly string[]
}

export interface ImageTreeNode extends ImageTreeLayer {
  readonly children: readonly ImageTreeNode[]
}

export interface SearchOptions extends RegistryOptions {
  readonly limit?: number
  readonly filters?: Readonly<Record<string, readonly string[]>>
  readonly listTags?: 'yes' | 'no'
}

export interface SearchHit {
  readonly index: string
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: string
  readonly automated: string
  readonly tag: string
}
