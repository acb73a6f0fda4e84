/** Go's idea of emptiness: false, 0, nil, and whatever has no length. */
export function truth(value: unknown): boolean {
  if (value instanceof Map || value instanceof Set) return value.size > 0
  if (value instanceof Date || typeof value === 'function') return true
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** A value as `%v` prints it. Objects are maps; what is missing is `<no value>`. */
export function show(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (typeof value === 'number') return showNumber(value)
  if (value instanceof Date) return showDate(value)
  if (isList(value)) return `[${[...value].map(show).join(' ')}]`
  if (typeof value === 'object')
    return `map[${entries(value)
      .map(([key, item]) => `${show(key)}:${show(item)}`)
      .join(' ')}]`
  return String(value)
}

const isList = (value: unknown): value is Iterable<unknown> =>
  Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)

/** Go turns to exponents below 1e-4, JavaScript below 1e-6; exponents have two digits. */
function showNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)))
  const text = exponent < -4 || exponent >= 21 ? value.toExponential() : String(value)
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
  if (value === null || value === undefined) return 'nil'
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'map' : typeof value
}
