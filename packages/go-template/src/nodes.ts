/** A place in a template: an offset, and what stands there as Go's messages quote it. */
export interface Place {
  readonly at: number
  readonly source: string
}

/** A template as it was read. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly pipe: Pipe }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | TemplateCall
  | Branch

export interface TemplateCall extends Place {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: Pipe | undefined
}

export interface Branch {
  readonly kind: 'if' | 'range' | 'with'
  readonly pipe: Pipe
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

export interface Pipe extends Place {
  /** `$x := …` declares, `$x = …` assigns; `range` may name two. */
  readonly variables: readonly string[]
  readonly assigns: 'declared' | 'existing'
  readonly commands: readonly Command[]
}

export interface Command extends Place {
  readonly operands: readonly Operand[]
}

export type Operand = Place &
  (
    | { readonly kind: 'constant'; readonly value: string | number | boolean }
    | { readonly kind: 'dot' }
    | { readonly kind: 'nil' }
    | { readonly kind: 'function'; readonly name: string }
    /** `.A.B` */
    | { readonly kind: 'field'; readonly names: readonly string[] }
    /** `$x`, `$x.A` */
    | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
    /** `(…)` */
    | { readonly kind: 'pipe'; readonly pipe: Pipe }
    /** `(…).A`, `fn.A` */
    | { readonly kind: 'chain'; readonly from: Operand; readonly names: readonly string[] }
  )

/** Named templates: `{{define}}` and `{{block}}`. */
export type Definitions = ReadonlyMap<string, readonly Node[]>
