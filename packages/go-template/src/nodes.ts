/** A template as it was read. Places are written as `line`, counted from 1. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly pipe: Pipe }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'template'; readonly name: string; readonly pipe: Pipe | undefined }
  | Branch

export interface Branch {
  readonly kind: 'if' | 'range' | 'with'
  readonly pipe: Pipe
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

export interface Pipe {
  /** `$x := …` declares, `$x = …` assigns; `range` may name two. */
  readonly variables: readonly string[]
  readonly assigns: 'declared' | 'existing'
  readonly commands: readonly (readonly Operand[])[]
  readonly line: number
}

export type Operand =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'function'; readonly name: string }
  /** `.A.B`, `$x.A`, `(…).A`: a value and the members to follow. */
  | { readonly kind: 'chain'; readonly from: Operand; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'pipe'; readonly pipe: Pipe }

/** Named templates: `{{define}}` and `{{block}}`. */
export type Definitions = ReadonlyMap<string, readonly Node[]>
