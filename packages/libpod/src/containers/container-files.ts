import type { Call } from '../spec/call.ts'
import type { ContainerId } from './container-id.ts'

export interface ContainerFiles {
  /** A tar of `path` inside the container (the entry itself at its root), read through its mounts and volumes. */
  copyOut(
    name: string,
    path: string,
    call?: Call,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }>
  /** Unpacks a tar into directory `path`. */
  copyIn(name: string, path: string, tar: AsyncIterable<Uint8Array>, options?: CopyInOptions & Call): Promise<void>
  stat(name: string, path: string, call?: Call): Promise<PathStat>
  /** What a directory inside the container holds; undefined when there is no such directory. */
  entries(name: string, path: string, call?: Call): Promise<readonly DirectoryEntry[] | undefined>
  changes(name: string, call?: Call): Promise<readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]>
  commit(name: string, options: CommitOptions & Call): Promise<string>
  export(name: string, call?: Call): AsyncIterable<Uint8Array>
  mount(name: string, call?: Call): Promise<string>
  unmount(name: string, how: 'once' | 'force', call?: Call): Promise<void>
  mounts(call?: Call): Promise<readonly { readonly id: ContainerId; readonly name: string; readonly path: string }[]>
}

export interface DirectoryEntry {
  readonly name: string
  /** Links are `other`, wherever they lead. */
  readonly kind: 'directory' | 'other'
}

export interface PathStat {
  readonly name: string
  readonly size: number
  /** Unix mode with type bits. */
  readonly mode: number
  readonly mtime: string
  readonly linkTarget: string
}

export interface CopyInOptions {
  /** Owner of the files: as in the tar, or the container's user. */
  readonly owner?: 'archive' | 'container-user'
  readonly overwriteNonDirectory?: 'yes' | 'no'
}

export interface CommitOptions {
  readonly names?: readonly string[]
  readonly author?: string
  readonly message?: string
  /** Dockerfile instructions. */
  readonly changes?: readonly string[]
  readonly format?: 'oci' | 'docker'
  readonly pause?: 'yes' | 'no'
  readonly squash?: 'yes' | 'no'
  readonly includeVolumes?: 'yes' | 'no'
  readonly config?: string
}
