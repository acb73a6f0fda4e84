import { named, type Template } from '@libpod/go-template'
import { columns } from './columns.ts'
import { heading } from './heading.ts'
import { withJson } from './json-form.ts'
import { fill, parseTemplate, TemplateSyntax } from './template.ts'

/** What a list is, for its templates. */
export interface Report {
  /** The command's own name: messages about templates begin with it. */
  readonly name: string
  /** The Go type that messages give a row. */
  readonly type: string
  /** Column heads that are not the words of the field's name in upper case. */
  readonly headings?: Readonly<Record<string, string>>
  readonly noheading?: boolean
  /** The rows as the command's own JSON has them, for `{{json .}}`. */
  readonly json?: readonly unknown[]
}

/**
 * Rows in the format that a user asked for: `table TEMPLATE` (heads first, columns aligned), or a template for each row unless it
 * ranges over them itself. Blanks separate the columns of a table. @throws UsageError
 */
export function formatRows(format: string, rows: readonly object[], report: Report): string {
  const data = rows.map((row, at) => {
    const object = rowOf(row, report.type)
    return report.json ? withJson(object, report.json[at]) : object
  })
  if (!format.startsWith('table ')) return fill(parsed(format, enforceRange, report.name), data)
  const body = format.slice('table '.length)
  const template = parsed(body, text => enforceRange(text.replaceAll(' ', '\t')), report.name)
  const heads = report.noheading ? '' : fill(template, [headRow(data, report, body)])
  return align(heads + fill(template, data))
}

/** One object in the format that a user asked for. @throws UsageError */
export const formatObject = (format: string, object: object, name: string): string =>
  fill(
    parsed(format, text => text, name),
    object,
  )

/** A new template's text: `\t` and `\n` are what they stand for in other languages, unless that breaks a constant. */
function parsed(format: string, shape: (text: string) => string, name: string): Template {
  const text = format.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  try {
    return parseTemplate(shape(text.endsWith('\n') ? text : `${text}\n`), name)
  } catch (error) {
    if (error instanceof TemplateSyntax && text !== format) return parseTemplate(shape(format), name)
    throw error
  }
}

const enforceRange = (text: string): string =>
  /\{\{\s*range\s*\.\s*\}\}.*\{\{\s*end\s*-?\s*\}\}/s.test(text) ? text : `{{range .}}${text}{{end -}}`

/** Members that are objects are maps to a template. */
function rowOf(row: object, type: string): object {
  const isPlain = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (Object.getOwnPropertySymbols(row).length > 0) return row
  const members = Object.entries(row).map(([name, value]) => [
    name,
    isPlain(value) ? Object.assign(Object.create(null), value) : value,
  ])
  return named(type, Object.fromEntries(members))
}

/** A row whose every field is its column's head. */
function headRow(rows: readonly object[], { headings = {} }: Report, body: string): object {
  const used = [...body.matchAll(/\.(\w+)/g)].map(([, name = '']) => name)
  const names = new Set([...used, ...Object.keys(rows[0] ?? {}), ...Object.keys(headings)])
  return Object.assign(
    Object.create(null),
    Object.fromEntries([...names].map(name => [name, headings[name] ?? heading(name)])),
  )
}

const align = (text: string): string =>
  columns(
    text
      .replace(/\n$/, '')
      .split('\n')
      .map(line => line.split('\t')),
  )
