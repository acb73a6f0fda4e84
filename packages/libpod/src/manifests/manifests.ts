import type { PullEvent, PushOptions, RegistryOptions, RemoveImageReport } from '../images/images.ts'
import type { Call } from '../spec/call.ts'

/**
 * Lists of images for several platforms (docker manifest lists and OCI indexes) in the store, as `podman manifest` makes
 * them and in its format. `name` is a name or id; rejects with IMAGE_UNKNOWN when there is none, IMAGE_INVALID when it is no list.
 */
export interface Manifests {
  /** The id of the new list, with the images already in it. @throws LibpodError NAME_IN_USE unless `existing` is `amend` */
  create(name: string, images: readonly string[], options?: CreateListOptions & Call): Promise<string>
  /** Adds images by name of any transport, or of the store; the list's id. */
  add(name: string, images: readonly string[], options?: AddToListOptions & Call): Promise<string>
  /** Makes an artifact of files and adds it; the files are read again when the list is pushed. */
  addArtifact(name: string, files: readonly string[], options?: AddArtifactToListOptions & Call): Promise<string>
  /** Changes an entry (by digest, image name or file), or with `instance` undefined the list itself. */
  annotate(name: string, instance: string | undefined, changes: ListChanges & Call): Promise<string>
  /** Takes an entry out by its digest. */
  removeInstance(name: string, digest: string): Promise<string>
  /** The list in the store, or the one that a registry has under that name. */
  inspect(name: string, options?: RegistryOptions & Call): Promise<ListInspect>
  exists(name: string): Promise<boolean>
  push(
    name: string,
    destination: string,
    options?: PushListOptions & Call<PullEvent>,
  ): Promise<{ readonly digest: string }>
  /** Removes lists; images that are no lists stay. */
  remove(names: readonly string[], options?: { readonly missing?: 'refuse' | 'ignore' }): Promise<RemoveImageReport>
}

export interface CreateListOptions extends RegistryOptions {
  readonly instances?: 'all' | 'system'
  readonly existing?: 'refuse' | 'amend'
  readonly annotations?: Readonly<Record<string, string>>
}

/** What can be said of an entry, or (annotations and subject) of the list. Missing and empty fields change nothing. */
export interface ListChanges {
  readonly os?: string
  readonly architecture?: string
  readonly variant?: string
  readonly osVersion?: string
  readonly osFeatures?: readonly string[]
  readonly features?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  /** An image the list is about; the list itself only. */
  readonly subject?: string
}

export interface AddToListOptions extends RegistryOptions, ListChanges {
  /** Of an image that is a list itself: every entry, or the one for this machine. */
  readonly instances?: 'all' | 'system'
}

export interface AddArtifactToListOptions extends RegistryOptions, ListChanges {
  readonly artifactType?: string
  /** Content of the config; `{}` of type application/vnd.oci.empty.v1+json when absent. */
  readonly config?: string
  readonly configType?: string
  readonly layerType?: string
  /** `no`: files lose their names. */
  readonly titles?: 'yes' | 'no'
  readonly artifactSubject?: string
}

export interface PushListOptions extends PushOptions {
  /** `list`: the list alone, for when its images are there already. */
  readonly images?: 'all' | 'list'
  /** Each image once more in these compressions. */
  readonly addCompression?: readonly ('gzip' | 'zstd' | 'zstd:chunked')[]
  readonly afterwards?: 'keep' | 'remove'
}

/** The JSON of `podman manifest inspect`. */
export interface ListInspect {
  readonly schemaVersion: number
  readonly mediaType: string
  readonly [key: string]: unknown
}
