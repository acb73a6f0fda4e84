import { isList, isMap, typeName, zeroOf } from './value.ts'

/** Bytes of text, items of a list, entries of a map. */
export function len(value: unknown): number {
  if (value === undefined || value === null) throw new Error('len of nil pointer')
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (isList(value)) return [...value].length
  if (isMap(value)) return value instanceof Map ? value.size : Object.keys(value).length
  throw new Error(`len of type ${typeName(value)}`)
}

/** `index x 1 "k"` is x[1]["k"]. */
export function index(value: unknown, ...keys: readonly unknown[]): unknown {
  return keys.reduce(item, value)
}

function item(value: unknown, key: unknown): unknown {
  if (value === undefined || value === null) throw new Error('index of untyped nil')
  if (typeof value === 'string') return at(Buffer.from(value), key)
  if (isList(value)) return at([...value], key)
  if (typeof value !== 'object') throw new Error(`can't index item of type ${typeName(value)}`)
  if (key === undefined || key === null) throw new Error('value is nil; should be of type string')
  if (value instanceof Map) return value.has(key) ? value.get(key) : zeroOf(value)
  if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`)
  if (Object.hasOwn(value, key)) return (value as Readonly<Record<string, unknown>>)[key]
  if (isMap(value)) return zeroOf(value)
  throw new Error(`can't index item of type ${typeName(value)}`)
}

function at(list: ArrayLike<unknown>, key: unknown): unknown {
  if (key === undefined || key === null) throw new Error('cannot index slice/array with nil')
  if (typeof key !== 'number') throw new Error(`cannot index slice/array with type ${typeName(key)}`)
  if (!(key >= 0 && key < list.length)) throw new Error(`index out of range: ${key}`)
  return list[key]
}

/** `slice x 1 2` is x[1:2]; text is cut by bytes. */
export function slice(value: unknown, ...bounds: readonly unknown[]): unknown {
  if (value === undefined || value === null) throw new Error('slice of untyped nil')
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`)
  const isText = typeof value === 'string'
  if (isText && bounds.length === 3) throw new Error('cannot 3-index slice a string')
  const whole = isText ? Buffer.from(value) : isList(value) ? [...value] : undefined
  if (!whole) throw new Error(`can't slice item of type ${typeName(value)}`)
  const [from = 0, to = whole.length] = bounds.map(bound => limit(bound, whole.length))
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`)
  return Buffer.isBuffer(whole) ? whole.subarray(from, to).toString() : whole.slice(from, to)
}

function limit(bound: unknown, length: number): number {
  if (typeof bound !== 'number') throw new Error(`cannot index slice/array with type ${typeName(bound)}`)
  if (!(bound >= 0 && bound <= length)) throw new Error(`index out of range: ${bound}`)
  return bound
}
