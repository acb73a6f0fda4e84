import { differences } from './near.ts'

/** Whether a parsed value is a record as the format has it: an id that is a file name, and known fields of their kind. */
export function isRecord(value: unknown): boolean {
  if (!isTable(value) || value === null) return false
  const record = value as Readonly<Record<string, unknown>>
  return typeof record.id === 'string' && isFileName(record.id) && Object.entries(record).every(hasItsKind)
}

/**
 * Whether every program can read the record: its times are times, and none of its keys is a known one with a letter
 * damaged, whose value nobody would find.
 */
export function isIntact(record: object): boolean {
  if ('created' in record && !isTime(record.created)) return false
  return Object.keys(record).every(key => damagedKey(key, record) === undefined)
}

/** RFC 3339, as Go reads it. */
export function isTime(value: unknown): boolean {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
  return typeof value === 'string' && shape.test(value) && !Number.isNaN(Date.parse(value))
}

/** The known key that an unknown one was, when the record misses it. */
export function damagedKey(key: string, record: object): string | undefined {
  if (Object.hasOwn(kinds, key) || key.length < 4) return undefined
  const near = Object.keys(kinds).filter(each => each.length === key.length && differences(each, key) <= 2)
  return near.length === 1 && near[0] !== undefined && !Object.hasOwn(record, near[0]) ? near[0] : undefined
}

/** Ids become names of directories. */
const isFileName = (id: string): boolean => id.length < 256 && !/^\.{1,2}$|[/\0]/.test(id)

type IsKind = (value: unknown) => boolean
const isString: IsKind = value => typeof value === 'string'
const isNumber: IsKind = value => Number.isSafeInteger(value)
const isTable: IsKind = value => typeof value === 'object' && !Array.isArray(value)
const listOf =
  (is: IsKind): IsKind =>
  value =>
    Array.isArray(value) && value.every(is)
const tableOf =
  (is: IsKind): IsKind =>
  value =>
    isTable(value) && Object.values(value ?? {}).every(is)

const isMapping: IsKind = value =>
  typeof value === 'object' &&
  value !== null &&
  ['container_id', 'host_id', 'size'].every(key => isNumber(Reflect.get(value, key)))

const all = (keys: readonly string[], is: IsKind) => Object.fromEntries(keys.map(key => [key, is]))

/** Every key of every kind of record; ids apart, which must be there. */
const kinds: Readonly<Record<string, IsKind>> = {
  ...all(['parent', 'metadata', 'mountlabel', 'created', 'image', 'layer', 'digest', 'path'], isString),
  ...all(['diff-digest', 'compressed-diff-digest', 'toc-digest'], isString),
  ...all(['names', 'names-history', 'mapped-layers', 'big-data-names'], listOf(isString)),
  ...all(['count', 'diff-size', 'compressed-size', 'compression'], isNumber),
  ...all(['uidset', 'gidset'], listOf(isNumber)),
  ...all(['uidmap', 'gidmap'], listOf(isMapping)),
  'big-data-sizes': tableOf(isNumber),
  'big-data-digests': tableOf(isString),
  flags: isTable,
}

/** Whether a known key's value is of its kind. Go writes null for what is empty. */
export function hasItsKind([key, value]: readonly [string, unknown]): boolean {
  return value === null || !Object.hasOwn(kinds, key) || kinds[key]?.(value) === true
}

export const knownKeys: readonly string[] = Object.keys(kinds)
