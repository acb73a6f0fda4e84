import { executionError, type TemplateError } from './errors.ts'
import { type Functions, lookup, misfit, reason, type TypedFunction, wrongCount } from './functions.ts'
import { member } from './member.ts'
import type { Command, Operand, Pipe, Place } from './nodes.ts'
import { show, truth, typeName } from './value.ts'
import type { Variables } from './variables.ts'

export interface Scope {
  readonly dot: unknown
  readonly variables: Variables
}

type Method = (...args: readonly unknown[]) => unknown

/** What the pipeline so far gives a command as its last argument: one value or, at its start, none. */
type Piped = readonly [] | readonly [unknown]

export interface Origin {
  /** The template's name and text, for messages. */
  readonly name: string
  readonly source: string
  readonly functions: Functions
}

/** Evaluates pipelines, and knows where it is. */
export class Evaluator {
  readonly #origin: Origin
  #place: Place | undefined
  /** The template, or the definition, that is being filled in. */
  running: string

  constructor(origin: Origin) {
    this.#origin = origin
    this.running = origin.name
  }

  at(place: Place): void {
    this.#place = place
  }

  error(why: string): TemplateError {
    const { name, source } = this.#origin
    if (!this.#place) return executionError(`${name}: ${why}`)
    const before = source.slice(0, this.#place.at)
    const line = before.split('\n').length
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
    const where = `${name}:${line}:${column}: executing ${JSON.stringify(this.running)} at <${this.#place.source}>`
    return executionError(`${where}: ${why}`)
  }

  pipe(pipe: Pipe, scope: Scope): unknown {
    this.at(pipe)
    const value = this.value(pipe, scope)
    for (const name of pipe.variables) {
      if (pipe.assigns === 'declared') scope.variables.declare(name, value)
      else scope.variables.assign(name, value)
    }
    return value
  }

  /** Without its declarations. */
  value({ commands }: Pipe, scope: Scope): unknown {
    let piped: Piped = []
    for (const command of commands) piped = [this.#command(command, scope, piped)]
    return piped[0]
  }

  #command(command: Command, scope: Scope, piped: Piped): unknown {
    const [first, ...rest] = command.operands
    if (!first) return undefined
    if (first.kind === 'function') return this.#call({ first, command, rest }, scope, piped)
    this.at(first)
    if (first.kind === 'field' || first.kind === 'chain' || first.kind === 'variable')
      return this.#member(first, scope, { rest, piped })
    if (rest.length > 0 || piped.length > 0) throw this.error(`can't give argument to non-function ${first.source}`)
    if (first.kind === 'nil') throw this.error('nil is not a command')
    return this.#operand(first, scope)
  }

  #member(
    operand: Operand & { readonly kind: 'field' | 'chain' | 'variable' },
    scope: Scope,
    { rest, piped }: { rest: readonly Operand[]; piped: Piped },
  ): unknown {
    const takesArguments = rest.length > 0 || piped.length > 0
    let value = this.#start(operand, scope)
    if (operand.names.length === 0 && takesArguments)
      throw this.error(`can't give argument to non-function ${operand.source}`)
    for (const [i, name] of operand.names.entries()) {
      const found = member(value, name)
      if ('missing' in found) throw this.error(found.missing)
      value = found.value
      const gives = takesArguments && i === operand.names.length - 1
      if (typeof value === 'function') {
        const args = gives ? [...rest.map(each => this.#operand(each, scope)), ...piped] : []
        value = this.#method(value as Method, { name, of: found.of, args })
      } else if (gives) {
        this.at(operand)
        throw this.error(`${name} has arguments but cannot be invoked as function`)
      }
    }
    return value
  }

  #method(method: Method, { name, of, args }: { name: string; of: object; args: unknown[] }): unknown {
    try {
      return method.apply(of, args)
    } catch (error) {
      throw this.error(`error calling ${name}: ${reason(error)}`)
    }
  }

  #start(operand: Operand & { readonly kind: 'field' | 'chain' | 'variable' }, scope: Scope): unknown {
    if (operand.kind === 'field') return scope.dot
    if (operand.kind === 'variable') return scope.variables.get(operand.name)
    const value = this.#operand(operand.from, scope)
    this.at(operand)
    return value
  }

  #call(
    { first, command, rest }: { first: Operand & { kind: 'function' }; command: Place; rest: readonly Operand[] },
    scope: Scope,
    piped: Piped,
  ): unknown {
    this.at(first)
    const { name } = first
    const found = lookup(this.#origin.functions, name)
    if (!found) throw this.error(`${JSON.stringify(name)} is not a defined function`)
    const wrong = wrongCount(found, rest.length + piped.length)
    if (wrong) throw this.error(`wrong number of args for ${name}: ${wrong}`)
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, { rest, piped }, scope)
    const args = rest.map((operand, i) => this.#argument(operand, { found, i }, scope))
    if (piped.length > 0) args.push(this.#fitting(piped[0], { found, i: rest.length }))
    this.at(command)
    try {
      return found.call(...(args as never[]))
    } catch (error) {
      throw this.error(`error calling ${name}: ${reason(error)}`)
    }
  }

  #argument(operand: Operand, { found, i }: { found: TypedFunction; i: number }, scope: Scope): unknown {
    const value = this.#operand(operand, scope)
    this.at(operand)
    if (operand.kind !== 'constant') return this.#fitting(value, { found, i })
    const type = misfit(found, i, value)
    if (type === '[]string') throw this.error(`can't handle ${operand.source} for arg of type ${type}`)
    if (type) throw this.error(`expected ${type === 'int' ? 'integer' : type}; found ${operand.source}`)
    return value
  }

  #fitting(value: unknown, { found, i }: { found: TypedFunction; i: number }): unknown {
    const type = misfit(found, i, value)
    if (type === undefined) return value
    if (value === undefined || value === null) throw this.error(`invalid value; expected ${type}`)
    throw this.error(`wrong type for value; expected ${type}; got ${typeName(value)}`)
  }

  #shortCircuit(
    name: 'and' | 'or',
    { rest, piped }: { rest: readonly Operand[]; piped: Piped },
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
      case 'pipe':
        return this.pipe(operand.pipe, scope)
      case 'function':
        return this.#call({ first: operand, command: operand, rest: [] }, scope, [])
      default:
        this.at(operand)
        return this.#member(operand, scope, { rest: [], piped: [] })
    }
  }

  /** What an action prints. */
  print(value: unknown): string {
    if (typeof value === 'function') throw this.error(`can't print ${this.#place?.source ?? ''} of type func()`)
    return show(value)
  }
}
