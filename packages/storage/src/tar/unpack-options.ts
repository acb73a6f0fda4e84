import type { IdMappings } from '../idmap/mapping.ts'

/** Whom a file belongs to. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** How to write what an archive holds. */
export interface UnpackOptions {
  /** Marks a directory that hides what lower layers have in it. */
  readonly opaqueAttribute: string
  /** Whether the archive's own entry for the root changes the directory's mode, owner and times. */
  readonly rootEntry: 'apply' | 'ignore'
  /** Within a user namespace devices cannot be made, nor every attribute set. */
  readonly userNamespace: 'yes' | 'no'
  readonly chownErrors: 'report' | 'ignore'
  /** What `.wh.` names and devices 0:0 are: a layer's deletions, or files like any other. */
  readonly whiteouts: 'layer' | 'plain'
  /** What is there already: a duplicate, or replaced as tar(1) replaces it, a directory by another kind only if so said. */
  readonly existing: 'refuse' | 'replace' | 'replace-same-kind'
  /** Whom everything is to belong to, instead of whom the archive says. */
  readonly owner?: Owner
  readonly mappings?: IdMappings
  /** Whether what is made has the mode it is made with. */
  readonly umask?: 'none' | 'unknown'
  readonly mostEntries: number
  readonly mostBytes: number
}
