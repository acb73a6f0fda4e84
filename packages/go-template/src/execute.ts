import { Evaluator, type Origin, type Scope } from './evaluate.ts'
import type { Branch, Definitions, Node, Pipe, TemplateCall } from './nodes.ts'
import { entries, isList, isMap, show, truth } from './value.ts'
import { Variables } from './variables.ts'

export interface Program extends Origin {
  readonly nodes: readonly Node[]
  readonly definitions: Definitions
}

/** Deeper than any honest template calls itself. */
const deepest = 1000

/** @throws TemplateError EXECUTION */
export function execute(program: Program, data: unknown): string {
  const run = new Run(program)
  run.walk(program.nodes, scopeOf(data))
  return run.output
}

const scopeOf = (data: unknown): Scope => ({ dot: data, variables: new Variables(undefined, [['$', data]]) })

type Leaving = 'break' | 'continue' | undefined

class Run {
  output = ''
  readonly #definitions: Definitions
  readonly #evaluator: Evaluator
  #depth = 0

  constructor({ definitions, ...origin }: Program) {
    this.#definitions = definitions
    this.#evaluator = new Evaluator(origin)
  }

  walk(nodes: readonly Node[], scope: Scope): Leaving {
    for (const node of nodes) {
      const leaving = this.#node(node, scope)
      if (leaving) return leaving
    }
    return undefined
  }

  #node(node: Node, scope: Scope): Leaving {
    switch (node.kind) {
      case 'text':
        this.output += node.text
        return undefined
      case 'break':
      case 'continue':
        return node.kind
      case 'template':
        this.#template(node, scope)
        return undefined
      case 'value':
        this.#print(node.pipe, scope)
        return undefined
      default:
        return this.#branch(node, scope)
    }
  }

  /** A declaration prints nothing. */
  #print(pipe: Pipe, scope: Scope): void {
    const value = this.#evaluator.pipe(pipe, scope)
    if (pipe.variables.length === 0) this.output += this.#evaluator.print(value)
  }

  #template(node: TemplateCall, scope: Scope): void {
    const evaluator = this.#evaluator
    evaluator.at(node)
    const nodes = this.#definitions.get(node.name)
    if (!nodes) throw evaluator.error(`template ${JSON.stringify(node.name)} not defined`)
    if (++this.#depth > deepest) throw evaluator.error(`exceeded maximum template depth (${deepest})`)
    const data = node.pipe && evaluator.pipe(node.pipe, scope)
    const outer = evaluator.running
    evaluator.running = node.name
    this.walk(nodes, scopeOf(data))
    evaluator.running = outer
    this.#depth--
  }

  #branch(node: Branch, scope: Scope): Leaving {
    const inner = { ...scope, variables: new Variables(scope.variables) }
    if (node.kind === 'range') return this.#range(node, inner)
    const value = this.#evaluator.pipe(node.pipe, inner)
    if (!truth(value)) return this.walk(node.otherwise, inner)
    return this.walk(node.body, node.kind === 'with' ? { ...inner, dot: value } : inner)
  }

  #range(node: Branch, scope: Scope): Leaving {
    this.#evaluator.at(node.pipe)
    const value = this.#evaluator.value(node.pipe, scope)
    const items = iterate(value)
    if (!items) throw this.#evaluator.error(`range can't iterate over ${show(value)}`)
    if (items.length === 0) return this.walk(node.otherwise, scope)
    for (const [key, item] of items) {
      const variables = new Variables(scope.variables)
      bindItem(node.pipe, variables, { key, item })
      if (this.walk(node.body, { dot: item, variables }) === 'break') break
    }
    return undefined
  }
}

function bindItem(
  { variables: [first, second], assigns }: Pipe,
  variables: Variables,
  { key, item }: { readonly key: unknown; readonly item: unknown },
): void {
  const set = (name: string, value: unknown): void =>
    assigns === 'declared' ? variables.declare(name, value) : variables.assign(name, value)
  if (first !== undefined && second !== undefined) {
    set(first, key)
    set(second, item)
  } else if (first !== undefined) set(first, item)
}

/** Undefined for what has no items. */
function iterate(value: unknown): readonly (readonly [key: unknown, item: unknown])[] | undefined {
  if (value === undefined || value === null) return []
  if (typeof value === 'number' && Number.isInteger(value))
    return Array.from({ length: Math.max(0, value) }, (_, i) => [i, i] as const)
  if (isList(value)) return [...[...value].entries()]
  return isMap(value) ? entries(value) : undefined
}
