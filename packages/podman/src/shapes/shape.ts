import { named } from '@libpod/go-template'
import { goTime } from '../print/go-time.ts'
import { withJson } from '../print/json-form.ts'
import { goDuration } from '../print/stats.ts'

/** The kind of a field of a Go struct: what it is when it has no value, and what its members are. */
export type Field =
  | 'text'
  | 'number'
  | 'switch'
  | 'time'
  /** Nanoseconds. */
  | 'duration'
  | 'list'
  | 'map'
  | 'any'
  | Struct
  | { readonly maybe: Struct }
  | { readonly listOf: Struct }
  | { readonly mapOf: Struct }
  | { readonly json: string; readonly of: Field }

/** The fields that a template may ask of an object, by the names of Podman's Go types. */
export interface Struct {
  readonly type: string
  readonly fields: Readonly<Record<string, Field>>
}

export const struct = (type: string, fields: Struct['fields']): Struct => ({ type, fields })
/** A pointer: nil where there is nothing. */
export const maybe = (of: Struct): Field => ({ maybe: of })
export const listOf = (of: Struct): Field => ({ listOf: of })
export const mapOf = (of: Struct): Field => ({ mapOf: of })
/** A field whose name in JSON is another one. */
export const json = (name: string, of: Field): Field => ({ json: name, of })

type Members = Readonly<Record<string, unknown>>

/** JSON as a template sees it in Go: every field is there, with its zero value when JSON left it out, and maps are maps. */
export const goValue = (value: unknown, struct: Struct): object => pointer(structOf(value, struct), struct)

function structOf(value: unknown, { type, fields }: Struct): object {
  const byName = new Map(Object.entries(membersOf(value)).map(([key, member]) => [plain(key), member]))
  const entries = Object.entries(fields).map(([name, field]) => {
    const [key, kind] = typeof field === 'object' && 'json' in field ? [field.json, field.of] : [name, field]
    return [name, fieldOf(byName.get(plain(key)), kind)] as const
  })
  return withJson(named(type, Object.fromEntries(entries)), value)
}

/** JSON's `ipv6_enabled` is Go's `IPv6Enabled`. */
const plain = (name: string) => name.replaceAll('_', '').toLowerCase()

const membersOf = (value: unknown): Members => (typeof value === 'object' && value !== null ? (value as Members) : {})

const zeros = { text: '', number: 0, switch: false, list: [], any: null } as const

function fieldOf(value: unknown, field: Field): unknown {
  if (field === 'time') return goTime(String(value ?? '0001-01-01T00:00:00Z'))
  if (field === 'duration') return goDuration(Number(value ?? 0))
  if (field === 'map') return goMap(value, item => item)
  if (typeof field === 'string') return value ?? zeros[field]
  if ('json' in field) return fieldOf(value, field.of)
  if ('type' in field) return structOf(value, field)
  if ('maybe' in field) return value === undefined || value === null ? null : goValue(value, field.maybe)
  if ('listOf' in field) return Array.isArray(value) ? value.map(item => structOf(item, field.listOf)) : []
  return goMap(value, item => structOf(item, field.mapOf))
}

const pointer = (value: object, { type }: Struct) => named(`*${type}`, value)

/** An object without a prototype: to a template a map. */
const goMap = (value: unknown, item: (one: unknown) => unknown): object =>
  Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(membersOf(value)).map(([key, one]) => [key, item(one)])),
  )
