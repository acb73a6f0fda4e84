const goType = Symbol('go-template.type')

/** Names the Go type that messages about an object give it. */
export function named<T extends object>(type: string, object: T): T {
  return Object.defineProperty(object, goType, { value: type, configurable: true })
}

const goText = Symbol('go-template.text')

/** Gives an object the text that stands for it where it is printed, as a Go type with a String method has one. */
export function printedAs<T extends object>(text: string, object: T): T {
  return Object.defineProperty(object, goText, { value: text, configurable: true })
}

/** The text that an object was given. */
export const textOf = (value: unknown): string | undefined =>
  isObject(value) ? (value as { readonly [goText]?: string })[goText] : undefined

/** Objects without a prototype are maps, as Maps are; all others are structs. */
export const isMap = (value: unknown): value is object =>
  value instanceof Map || (isObject(value) && Object.getPrototypeOf(value) === null)

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const isList = (value: unknown): value is Iterable<unknown> =>
  Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)

/** Go's idea of emptiness: false, 0, nil, and whatever has no length. A struct is never empty. */
export function truth(value: unknown): boolean {
  if (isMap(value)) return entries(value).length > 0
  if (isList(value)) return [...value].length > 0
  return Boolean(value)
}

/** A value as `%v` prints it (`%+v` with the names of fields); what is missing is `<no value>`. */
export function show(value: unknown, fields: 'plain' | 'named' = 'plain'): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (typeof value === 'number') return showNumber(value)
  if (value instanceof Date) return showDate(value)
  const text = textOf(value)
  if (text !== undefined) return text
  if (isList(value)) return `[${[...value].map(each => show(each, fields)).join(' ')}]`
  if (isMap(value))
    return `map[${entries(value)
      .map(([key, item]) => `${show(key)}:${show(item, fields)}`)
      .join(' ')}]`
  if (isObject(value)) return showStruct(value, fields)
  return String(value)
}

function showStruct(value: object, fields: 'plain' | 'named'): string {
  const shown = Object.entries(value).filter(([, field]) => typeof field !== 'function')
  return `{${shown.map(([name, field]) => `${fields === 'named' ? `${name}:` : ''}${show(field, fields)}`).join(' ')}}`
}

/** Fractions have an exponent from 1e6 and below 1e-4, of two digits at least; whole numbers have none while they are exact. */
function showNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Number.isSafeInteger(value)) return String(value)
  const size = Math.abs(value)
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

const showDate = (date: Date): string =>
  date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '')
    .concat(' +0000 UTC')

/** The items of a map in the order of their keys. */
export function entries(value: object): readonly (readonly [key: unknown, item: unknown])[] {
  const pairs: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  return pairs.sort(([a], [b]) => compare(a, b))
}

const compare = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : 1
}

export function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'function') return 'func()'
  if (isList(value)) return `[]${itemType([...value])}`
  if (isMap(value)) return `map[string]${itemType(entries(value).map(([, item]) => item))}`
  if (!isObject(value)) return typeof value
  return (value as { readonly [goType]?: string })[goType] ?? 'struct'
}

const itemType = (items: readonly unknown[]): string =>
  items.length > 0 && items.every(item => typeof item === 'string') ? 'string' : 'interface {}'

/** What the items of a map would be if they were nothing: what `index` gives for a key that is not there. */
export function zeroOf(map: object): unknown {
  const items = entries(map).map(([, item]) => item)
  return items.every(item => typeof item === 'string') ? '' : undefined
}
