/** What can be wrong with a store. */
export type ProblemKind =
  | 'layer-incomplete'
  | 'layer-files-missing'
  | 'layer-content-wrong'
  | 'layer-parent-missing'
  | 'layer-unused-files'
  | 'image-layer-missing'
  | 'image-data-wrong'
  | 'image-unused-files'
  | 'container-layer-missing'
  | 'container-unused-files'
  | 'mount-stale'
  | 'leftover'

/** One thing wrong: the id or path concerned, and what about it. */
export interface Problem {
  readonly kind: ProblemKind
  readonly subject: string
  readonly detail: string
}
