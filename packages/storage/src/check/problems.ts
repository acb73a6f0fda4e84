/** What can be wrong with a store. */
export type ProblemKind =
  /** A file of records is no such thing, or a record in it not whole: nothing else was looked at. */
  | 'records-unreadable'
  | 'layer-incomplete'
  | 'layer-files-missing'
  | 'layer-content-wrong'
  /** Files lie in the layer that its tar does not have. */
  | 'layer-content-added'
  /** Its data is whole, but something has another kind, owner, mode, time or target than its tar says. */
  | 'layer-attributes-wrong'
  | 'layer-data-missing'
  | 'layer-parent-missing'
  /** Its files do not say what its record says: what it stands on, or the name by which others find it. */
  | 'layer-stack-wrong'
  /** No image and no container needs it, for longer than a pull may take. */
  | 'layer-unreferenced'
  | 'layer-unused-files'
  | 'image-layer-missing'
  | 'image-data-missing'
  | 'image-data-wrong'
  /** The image is whole, but its record says what its items do not. */
  | 'image-record-wrong'
  | 'image-unused-files'
  | 'container-layer-missing'
  | 'container-image-missing'
  | 'container-data-missing'
  | 'container-data-wrong'
  | 'container-unused-files'
  | 'mount-stale'
  | 'leftover'

/** One thing wrong: the id or path concerned, and what about it. */
export interface Problem {
  readonly kind: ProblemKind
  readonly subject: string
  readonly detail: string
}

export const problem = (kind: ProblemKind, subject: string, detail: string): Problem => ({ kind, subject, detail })
