import { isMap, typeName } from './value.ts'

/** What stands behind a name, or why nothing does. */
export type Member = { readonly value: unknown; readonly of: object } | { readonly missing: string }

/**
 * A field of a struct or an entry of a map: own members only, whatever their case, for Go's `ID` is JSON's `Id`. An entry that
 * a map lacks, and any field of what is not there, is `undefined`.
 */
export function member(value: unknown, name: string): Member {
  if (value === null) return { missing: `nil pointer evaluating interface {}.${name}` }
  if (value === undefined) return { value: undefined, of: {} }
  if (typeof value === 'object') {
    if (value instanceof Map) return { value: value.get(name), of: value }
    const key = Array.isArray(value) ? undefined : keyOf(value, name)
    if (key !== undefined) return { value: (value as Readonly<Record<string, unknown>>)[key], of: value }
    if (isMap(value)) return { value: undefined, of: value }
  }
  return { missing: `can't evaluate field ${name} in type ${typeName(value)}` }
}

function keyOf(value: object, name: string): string | undefined {
  if (Object.hasOwn(value, name)) return name
  if (isMap(value)) return undefined
  const lower = name.toLowerCase()
  return Object.keys(value).find(each => each.toLowerCase() === lower)
}
