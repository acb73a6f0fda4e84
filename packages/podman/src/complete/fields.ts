import type { Field, Struct } from '../shapes/shape.ts'

/** The fields of a command's templates: names only, or a struct with more below them. */
export type TemplateFields = readonly string[] | Struct

/** What a `--format` may go on with: `json`, and the fields behind the last `{{.` that was typed. */
export function formatSuggestions(typed: string, fields: TemplateFields | undefined): readonly string[] {
  if ('json'.startsWith(typed)) return ['json']
  const open = typed.lastIndexOf('{{')
  const field = typed.split(/\{\{|\s/).at(-1) ?? ''
  if (!fields || open < 0 || !field.startsWith('.')) return []
  const path = field.split('.').slice(1)
  const start = typed.slice(0, typed.lastIndexOf('.') + 1)
  const wanted = path.at(-1) ?? ''
  return suggestionsOf(below(fields, path.slice(0, -1)))
    .filter(name => name.toLowerCase().startsWith(wanted.toLowerCase()))
    .map(name => start + name)
}

function below(fields: TemplateFields | undefined, path: readonly string[]): TemplateFields | undefined {
  const [first, ...rest] = path
  if (first === undefined) return fields
  if (!fields || !isStruct(fields) || !Object.hasOwn(fields.fields, first)) return undefined
  return below(structIn(fields.fields[first]), rest)
}

function isStruct(fields: TemplateFields): fields is Struct {
  return 'fields' in fields
}

function structIn(field: Field | undefined): Struct | undefined {
  if (field === undefined || typeof field === 'string') return undefined
  if ('type' in field) return field
  if ('json' in field) return structIn(field.of)
  return 'maybe' in field ? field.maybe : undefined
}

/** A field with more below it ends in a point, any other closes the braces. */
function suggestionsOf(fields: TemplateFields | undefined): readonly string[] {
  if (!fields) return []
  const names = isStruct(fields)
    ? Object.entries(fields.fields).map(([name, field]) => (structIn(field) ? `${name}.` : `${name}}}`))
    : fields.map(name => `${name}}}`)
  return names.toSorted()
}
