import { html, js, print, println, urlquery } from './escape.ts'
import { index, len, slice } from './items.ts'
import { compareAll, order } from './order.ts'
import { sprintf } from './printf.ts'
import { truth, typeName } from './value.ts'

/** What a function takes, in Go's names. */
export type ArgumentType = 'any' | 'string' | 'int' | '[]string'

/** A function with the types of its arguments; `rest` is the type of any number more. */
export interface TypedFunction {
  readonly takes: readonly ArgumentType[]
  readonly rest?: ArgumentType
  readonly call: (...args: readonly never[]) => unknown
}

/** What a template may call by name: a plain function takes whatever it is given. */
export type Functions = Readonly<Record<string, TypedFunction | ((...args: readonly never[]) => unknown)>>

const anything = (length: number): readonly ArgumentType[] => Array.from({ length }, () => 'any')
const any = (call: TypedFunction['call']): TypedFunction => ({ takes: anything(call.length), call })
const many = (call: TypedFunction['call'], least = 0): TypedFunction => ({ takes: anything(least), rest: 'any', call })

/** The functions that text/template brings; the evaluator knows that `and` and `or` skip what they need not know. */
export const builtins: Readonly<Record<string, TypedFunction>> = {
  and: many((...values: readonly unknown[]) => values.find(value => !truth(value)) ?? values.at(-1), 1),
  or: many((...values: readonly unknown[]) => values.find(truth) ?? values.at(-1), 1),
  not: any((value: unknown) => !truth(value)),
  len: any(len),
  index: many(index, 1),
  slice: many(slice, 1),
  call: many(callFunction, 1),
  print: many(print),
  println: many(println),
  printf: { takes: ['string'], rest: 'any', call: (format: string, ...args: unknown[]) => sprintf(format, args) },
  html: many(html),
  js: many(js),
  urlquery: many(urlquery),
  eq: many(compareAll, 1),
  ne: any((a: unknown, b: unknown) => !compareAll(a, b)),
  lt: any((a: unknown, b: unknown) => order(a, b) < 0),
  le: any((a: unknown, b: unknown) => order(a, b) <= 0),
  gt: any((a: unknown, b: unknown) => order(a, b) > 0),
  ge: any((a: unknown, b: unknown) => order(a, b) >= 0),
}

function callFunction(target: unknown, ...args: readonly unknown[]): unknown {
  if (target === undefined || target === null) throw new Error('call of nil')
  if (typeof target !== 'function') throw new Error(`non-function of type ${typeName(target)}`)
  return (target as (...values: readonly unknown[]) => unknown)(...args)
}

/** The function of a name, the caller's before the language's. */
export function lookup(functions: Functions, name: string): TypedFunction | undefined {
  const own = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (typeof own === 'function') return many(own)
  return own ?? (Object.hasOwn(builtins, name) ? builtins[name] : undefined)
}

/** What is wrong with how many arguments there are; undefined when nothing is. */
export function wrongCount({ takes, rest }: TypedFunction, count: number): string | undefined {
  if (rest ? count >= takes.length : count === takes.length) return undefined
  return `want ${rest ? 'at least ' : ''}${takes.length} got ${count}`
}

const fits: Readonly<Record<ArgumentType, (value: unknown) => boolean>> = {
  any: () => true,
  string: value => typeof value === 'string',
  int: value => Number.isInteger(value),
  '[]string': value => value === null || (Array.isArray(value) && value.every(each => typeof each === 'string')),
}

/** Whether a value may be the argument at a place. */
export function misfit({ takes, rest }: TypedFunction, at: number, value: unknown): ArgumentType | undefined {
  const type = takes[at] ?? rest ?? 'any'
  return fits[type](value) ? undefined : type
}

/** Why a call failed, in one line. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
