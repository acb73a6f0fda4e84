import { executionError } from './errors.ts'
import { sprintf } from './printf.ts'
import { show, truth, typeName } from './value.ts'

/** What a template may call by name. */
export type Functions = Readonly<Record<string, (...args: readonly never[]) => unknown>>
type AnyFunction = (...args: readonly unknown[]) => unknown

/** The functions that text/template brings; `and` and `or` are the evaluator's, for they skip what they need not know. */
export const builtins: Readonly<Record<string, AnyFunction>> = {
  not: value => !truth(value),
  len,
  index: (value, ...keys) => keys.reduce(item, value),
  slice,
  call: (target, ...args) => {
    if (typeof target !== 'function') throw executionError(`call of ${typeName(target)}`)
    return (target as AnyFunction)(...args)
  },
  print,
  println: (...values) => `${values.map(show).join(' ')}\n`,
  printf: (format, ...args) => sprintf(String(format), args),
  html: (...values) => print(...values).replaceAll(/[&<>"'\0]/g, each => htmlEscapes[each] ?? each),
  js: (...values) => print(...values).replaceAll(/[\\'"<>&=\n\r\t]/g, escapeJs),
  urlquery: (...values) =>
    encodeURIComponent(print(...values))
      .replaceAll('%20', '+')
      .replaceAll(/[!'()*]/g, percent),
  eq: (value, ...others) => {
    if (others.length === 0) throw executionError('missing argument for comparison')
    return others.some(other => equal(value, other))
  },
  ne: (a, b) => !equal(a, b),
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
}

function len(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (value instanceof Map || value instanceof Set) return value.size
  if (typeof value === 'object') return Object.keys(value).length
  throw executionError(`error calling len: len of type ${typeName(value)}`)
}

function item(value: unknown, key: unknown): unknown {
  if (value instanceof Map) return value.get(key)
  if (Array.isArray(value)) {
    if (typeof key !== 'number')
      throw executionError(`error calling index: cannot index slice with type ${typeName(key)}`)
    if (key < 0 || key >= value.length) throw executionError(`error calling index: index out of range: ${key}`)
    return value[key]
  }
  if (typeof value === 'string' && typeof key === 'number') return Buffer.from(value)[key]
  if (typeof value === 'object' && value !== null)
    return Object.hasOwn(value, String(key)) ? (value as Record<string, unknown>)[String(key)] : ''
  throw executionError(`error calling index: can't index item of type ${typeName(value)}`)
}

function slice(value: unknown, ...bounds: readonly unknown[]): unknown {
  const [from = 0, to] = bounds.map(Number)
  const whole = typeof value === 'string' ? Buffer.from(value) : value
  if (!Array.isArray(whole) && !Buffer.isBuffer(whole))
    throw executionError(`error calling slice: can't slice item of type ${typeName(value)}`)
  if (from > whole.length || (to ?? 0) > whole.length || from > (to ?? from))
    throw executionError(`error calling slice: index out of range: ${Math.max(from, to ?? 0)}`)
  return Buffer.isBuffer(whole) ? whole.subarray(from, to).toString() : whole.slice(from, to)
}

/** Blanks between operands when neither is text, as `fmt.Sprint` has it. */
function print(...values: readonly unknown[]): string {
  return values
    .map(
      (value, i) => (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string' ? ' ' : '') + show(value),
    )
    .join('')
}

const htmlEscapes: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;', '\0': '\uFFFD' },
}
const escapeJs = (character: string): string =>
  /[\\'"]/.test(character)
    ? `\\${character}`
    : `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

function equal(a: unknown, b: unknown): boolean {
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null)
    throw executionError('error calling eq: non-comparable type')
  const [left, right] = [a ?? null, b ?? null]
  if (left !== null && right !== null && typeof left !== typeof right)
    throw executionError('error calling eq: incompatible types for comparison')
  return left === right
}

function order(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) throw executionError('error calling lt: incompatible types for comparison')
  if (typeof a !== 'number' && typeof a !== 'string' && typeof a !== 'bigint')
    throw executionError('error calling lt: invalid type for comparison')
  return a === b ? 0 : a < (b as typeof a) ? -1 : 1
}
