import { executionError, type TemplateError } from './errors.ts'
import { builtins, type Functions } from './functions.ts'
import type { Branch, Definitions, Node, Operand, Pipe } from './nodes.ts'
import { entries, show, truth, typeName } from './value.ts'

export interface Program {
  readonly nodes: readonly Node[]
  readonly definitions: Definitions
  readonly functions: Functions
}

/** Deeper than any honest template calls itself. */
const deepest = 1000

/** @throws TemplateError EXECUTION */
export function execute(program: Program, data: unknown): string {
  const run = new Run(program)
  run.walk(program.nodes, { dot: data, variables: new Variables(undefined, [['$', data]]) })
  return run.output
}

/** The variables of a block, over those of the blocks around it. */
class Variables {
  readonly #outer: Variables | undefined
  readonly #own: Map<string, unknown>

  constructor(outer: Variables | undefined, own: Iterable<readonly [string, unknown]> = []) {
    this.#outer = outer
    this.#own = new Map(own)
  }

  get(name: string): unknown {
    return this.#home(name).#own.get(name)
  }

  declare(name: string, value: unknown): void {
    this.#own.set(name, value)
  }

  assign(name: string, value: unknown): void {
    this.#home(name).#own.set(name, value)
  }

  #home(name: string): Variables {
    if (this.#own.has(name)) return this
    if (!this.#outer) throw executionError(`undefined variable "${name}"`)
    return this.#outer.#home(name)
  }
}

interface Scope {
  readonly dot: unknown
  readonly variables: Variables
}

type Leaving = 'break' | 'continue' | undefined

class Run {
  output = ''
  readonly #program: Program
  #depth = 0

  constructor(program: Program) {
    this.#program = program
  }

  walk(nodes: readonly Node[], scope: Scope): Leaving {
    for (const node of nodes) {
      const leaving = this.#node(node, scope)
      if (leaving) return leaving
    }
    return undefined
  }

  #node(node: Node, scope: Scope): Leaving {
    if (node.kind === 'text') this.output += node.text
    else if (node.kind === 'break' || node.kind === 'continue') return node.kind
    else if (node.kind === 'template') this.#template(node.name, node.pipe && this.#evaluate(node.pipe, scope))
    else if (node.kind === 'value') this.#print(node.pipe, scope)
    else return this.#branch(node, scope)
    return undefined
  }

  /** A declaration prints nothing. */
  #print(pipe: Pipe, scope: Scope): void {
    const value = this.#evaluate(pipe, scope)
    if (pipe.variables.length === 0) this.output += show(value)
  }

  #template(name: string, data: unknown): void {
    const nodes = this.#program.definitions.get(name)
    if (!nodes) throw executionError(`no template ${JSON.stringify(name)}`)
    if (++this.#depth > deepest) throw executionError(`exceeded maximum template depth (${deepest})`)
    this.walk(nodes, { dot: data, variables: new Variables(undefined, [['$', data]]) })
    this.#depth--
  }

  #branch(node: Branch, scope: Scope): Leaving {
    const inner = { ...scope, variables: new Variables(scope.variables) }
    if (node.kind === 'range') return this.#range(node, inner)
    const value = this.#evaluate(node.pipe, inner)
    if (!truth(value)) return this.walk(node.otherwise, inner)
    return this.walk(node.body, node.kind === 'with' ? { ...inner, dot: value } : inner)
  }

  #range(node: Branch, scope: Scope): Leaving {
    const items = iterate(this.#value({ ...node.pipe, variables: [] }, scope))
    if (items.length === 0) return this.walk(node.otherwise, scope)
    for (const [key, item] of items) {
      const variables = new Variables(scope.variables)
      this.#bindItem(node.pipe, variables, { key, item })
      if (this.walk(node.body, { dot: item, variables }) === 'break') break
    }
    return undefined
  }

  #bindItem(
    { variables: [first, second], assigns }: Pipe,
    variables: Variables,
    { key, item }: { key: unknown; item: unknown },
  ): void {
    const set = (name: string, value: unknown): void =>
      assigns === 'declared' ? variables.declare(name, value) : variables.assign(name, value)
    if (first !== undefined && second !== undefined) {
      set(first, key)
      set(second, item)
    } else if (first !== undefined) set(first, item)
  }

  #evaluate(pipe: Pipe, scope: Scope): unknown {
    const value = this.#value(pipe, scope)
    for (const name of pipe.variables) {
      if (pipe.assigns === 'declared') scope.variables.declare(name, value)
      else scope.variables.assign(name, value)
    }
    return value
  }

  #value(pipe: Pipe, scope: Scope): unknown {
    let value: unknown
    for (const [i, command] of pipe.commands.entries()) value = this.#command(command, scope, i > 0 ? [value] : [])
    return value
  }

  #command([first, ...rest]: readonly Operand[], scope: Scope, piped: readonly unknown[]): unknown {
    if (!first) return undefined
    if (first.kind === 'function') return this.#call(first.name, { rest, piped }, scope)
    const args = [...rest.map(operand => this.#operand(operand, scope)), ...piped]
    if (first.kind === 'chain') return this.#chain(first, scope, args)
    if (args.length > 0) throw executionError(`can't give argument to non-function ${describe(first)}`)
    return this.#operand(first, scope)
  }

  #call(name: string, { rest, piped }: { rest: readonly Operand[]; piped: readonly unknown[] }, scope: Scope): unknown {
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, { rest, piped }, scope)
    const args = [...rest.map(operand => this.#operand(operand, scope)), ...piped]
    const { functions } = this.#program
    const found = Object.hasOwn(functions, name)
      ? functions[name]
      : Object.hasOwn(builtins, name)
        ? builtins[name]
        : undefined
    if (!found) throw executionError(`function ${JSON.stringify(name)} not defined`)
    return (found as (...values: readonly unknown[]) => unknown)(...args)
  }

  #shortCircuit(
    name: 'and' | 'or',
    { rest, piped }: { rest: readonly Operand[]; piped: readonly unknown[] },
    scope: Scope,
  ): unknown {
    let value: unknown
    for (const operand of rest) {
      value = this.#operand(operand, scope)
      if (truth(value) === (name === 'or')) return value
    }
    return piped.length > 0 ? piped[0] : value
  }

  #operand(operand: Operand, scope: Scope): unknown {
    switch (operand.kind) {
      case 'constant':
        return operand.value
      case 'nil':
        return null
      case 'dot':
        return scope.dot
      case 'variable':
        return scope.variables.get(operand.name)
      case 'pipe':
        return this.#evaluate(operand.pipe, scope)
      case 'function':
        return this.#call(operand.name, { rest: [], piped: [] }, scope)
      case 'chain':
        return this.#chain(operand, scope, [])
    }
  }

  #chain({ from, names }: Operand & { readonly kind: 'chain' }, scope: Scope, args: readonly unknown[]): unknown {
    let value = this.#operand(from, scope)
    for (const [i, name] of names.entries()) {
      const last = i === names.length - 1
      value = member(value, name, { depth: i, path: names })
      if (typeof value === 'function') value = (value as (...all: readonly unknown[]) => unknown)(...(last ? args : []))
      else if (last && args.length > 0)
        throw executionError(`.${names.join('.')} has arguments but cannot be invoked as function`)
    }
    return value
  }
}

/** Go's fields and JSON's members differ in case only: `.ID` is `Id`. What a nested map lacks has no value. */
function member(value: unknown, name: string, { depth, path }: { depth: number; path: readonly string[] }): unknown {
  const lacking = (type: string): TemplateError =>
    executionError(`executing at <.${path.join('.')}>: can't evaluate field ${name} in type ${type}`)
  if (value === undefined || value === null) {
    if (depth === 0) throw lacking('nil')
    throw executionError(`executing at <.${path.join('.')}>: nil pointer evaluating interface {}.${name}`)
  }
  if (value instanceof Map) return value.get(name)
  if (typeof value !== 'object') throw lacking(typeName(value))
  if (name in value && !(name in Object.prototype)) return bound(value, name)
  const lower = name.toLowerCase()
  const key = Object.keys(value).find(each => each.toLowerCase() === lower)
  if (key !== undefined) return bound(value, key)
  if (depth === 0) throw lacking(typeName(value))
  return undefined
}

function bound(value: object, key: string): unknown {
  const found = (value as Record<string, unknown>)[key]
  return typeof found === 'function' ? found.bind(value) : found
}

function iterate(value: unknown): readonly (readonly [key: unknown, item: unknown])[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'number')
    return Array.from({ length: Math.max(0, Math.trunc(value)) }, (_, i) => [i, i] as const)
  if (Array.isArray(value)) return [...value.entries()]
  if (value instanceof Map) return entries(value)
  if (typeof value === 'object' && Symbol.iterator in value) return [...[...(value as Iterable<unknown>)].entries()]
  if (typeof value === 'object') return entries(value)
  throw executionError(`range can't iterate over ${show(value)}`)
}

const describe = (operand: Operand): string =>
  operand.kind === 'constant' ? show(operand.value) : operand.kind === 'variable' ? operand.name : operand.kind
