/** Whether a parsed value is a record as the format has it: an id that is a file name, and known fields of their kind. */
export function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const record = value as Readonly<Record<string, unknown>>
  return typeof record.id === 'string' && isFileName(record.id) && Object.entries(record).every(hasItsKind)
}

/** Ids become names of directories. */
const isFileName = (id: string): boolean => id.length < 256 && !/^\.{1,2}$|[/\0]/.test(id)

const isString = (value: unknown): boolean => typeof value === 'string'
const isStrings = (value: unknown): boolean => Array.isArray(value) && value.every(isString)
const isTable = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value)

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...Object.fromEntries(
    ['parent', 'metadata', 'mountlabel', 'created', 'image', 'layer', 'digest', 'path', 'diff-digest'].map(key => [
      key,
      isString,
    ]),
  ),
  ...Object.fromEntries(['names', 'names-history', 'mapped-layers', 'big-data-names'].map(key => [key, isStrings])),
  ...Object.fromEntries(['big-data-sizes', 'big-data-digests', 'flags'].map(key => [key, isTable])),
  count: value => typeof value === 'number',
}

/** Go writes null for what is empty. */
function hasItsKind([key, value]: readonly [string, unknown]): boolean {
  return value === null || !Object.hasOwn(kinds, key) || kinds[key]?.(value) === true
}
