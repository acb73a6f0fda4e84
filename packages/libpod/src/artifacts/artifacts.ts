import type { PullEvent, PushOptions, RegistryOptions } from '../images/images.ts'
import type { Call } from '../spec/call.ts'

/**
 * OCI artifacts (files that are no images) in `artifacts/` of the graph root, an OCI layout that other tools share. `name` is a name
 * as it was given, a digest's hex or its beginning; rejects with ARTIFACT_UNKNOWN.
 */
export interface Artifacts {
  /** Makes an artifact of files, or adds files to one; its digest. @throws LibpodError NAME_IN_USE, FILE_IN_ARTIFACT */
  add(name: string, files: readonly string[], options?: AddArtifactOptions & Call): Promise<string>
  /** Copies the content to a file, or each file of it into a directory. */
  extract(name: string, target: string, options?: ExtractArtifactOptions & Call): Promise<void>
  /** Where the files lie that extracting would copy: not to be written to. */
  files(name: string, options?: ExtractArtifactOptions): Promise<readonly ArtifactFile[]>
  inspect(name: string): Promise<Artifact>
  list(): Promise<readonly Artifact[]>
  /** Its digest. */
  pull(name: string, options?: RegistryOptions & Call<PullEvent>): Promise<{ readonly digest: string }>
  push(name: string, options?: PushOptions & Call<PullEvent>): Promise<{ readonly digest: string }>
  /** The digests of those removed. */
  remove(names: readonly string[], options?: RemoveArtifactOptions): Promise<readonly string[]>
}

export interface Artifact {
  /** '' when a newer one took its name. */
  readonly name: string
  readonly digest: string
  /** Bytes of all its files. */
  readonly size: number
  /** RFC 3339; undefined when it does not say. */
  readonly created?: string
  /** The OCI image manifest document as it is stored. */
  readonly manifest: Readonly<Record<string, unknown>>
}

export interface ArtifactFile {
  readonly path: string
  /** Its title, else its digest; never a path. */
  readonly name: string
}

export interface AddArtifactOptions {
  readonly annotations?: Readonly<Record<string, string>>
  readonly artifactType?: string
  /** Media type of the files; told by their content when absent. */
  readonly fileType?: string
  /** What to do with an artifact of that name. */
  readonly existing?: 'refuse' | 'append' | 'replace'
}

export interface ExtractArtifactOptions {
  /** Only this file of it: by digest or by title. */
  readonly digest?: string
  readonly title?: string
}

export interface RemoveArtifactOptions {
  readonly which?: 'named' | 'all'
  readonly missing?: 'refuse' | 'ignore'
}
