import { LibpodError } from '../errors.ts'

/** Takes a value of a document as what it must be; `at` is its path there. @throws LibpodError KUBE_INVALID */
export type Reader<T> = (value: unknown, at: string) => T

/** What a reader gives. */
export type Read<R> = R extends Reader<infer T> ? T : never

export const invalid = (at: string, problem: string): LibpodError =>
  new LibpodError('KUBE_INVALID', `${at}: ${problem}`, { subject: at })

const kindOf = (value: unknown): string =>
  value === null
    ? 'nothing'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a map'
        : `a ${typeof value}`

const wrong = (at: string, wanted: string, value: unknown): LibpodError =>
  invalid(at, `must be ${wanted}, not ${kindOf(value)}`)

/** What is written without quotes may be read as something else; Podman takes it for the text as well. */
export const text: Reader<string> = (value, at) => {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw wrong(at, 'a string', value)
}

export const integer: Reader<number> = (value, at) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw wrong(at, 'an integer', value)
}

export const truth: Reader<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value
  throw wrong(at, 'true or false', value)
}

/** A quantity, or the name or number of a port. */
export const scalar: Reader<string> = (value, at) => {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw wrong(at, 'a string or a number', value)
}

export function oneOf<const W extends string>(...words: readonly W[]): Reader<W> {
  return (value, at) => {
    const found = words.find(word => word === value)
    if (found === undefined) throw invalid(at, `must be one of ${words.join(', ')}, not ${JSON.stringify(value)}`)
    return found
  }
}

export const listOf =
  <T>(each: Reader<T>): Reader<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, 'a list', value)
    return value.map((item, index) => each(item, `${at}[${index}]`))
  }

export const mapOf =
  <T>(each: Reader<T>): Reader<Readonly<Record<string, T>>> =>
  (value, at) =>
    Object.fromEntries(
      Object.entries(asMap(value, at)).flatMap(([key, item]) =>
        // What is written without a value is an empty one.
        item === null ? [] : [[key, each(item, `${at}[${JSON.stringify(key)}]`)]],
      ),
    )

type Shape<F extends Readonly<Record<string, Reader<unknown>>>> = { readonly [K in keyof F]?: Read<F[K]> }

/** A map of which these fields are looked at; each may be absent. */
export const shape =
  <const F extends Readonly<Record<string, Reader<unknown>>>>(fields: F): Reader<Shape<F>> =>
  (value, at) => {
    const map = asMap(value, at)
    const read = Object.entries(fields).flatMap(([name, reader]) => {
      const item = Object.hasOwn(map, name) ? map[name] : undefined
      return item === undefined || item === null ? [] : [[name, reader(item, at === '' ? name : `${at}.${name}`)]]
    })
    return Object.fromEntries(read) as Shape<F>
  }

function asMap(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw wrong(at || 'the document', 'a map', value)
}
