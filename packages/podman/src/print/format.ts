import { columns } from './columns.ts'
import { fill, parseTemplate } from './template.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

/**
 * Rows in the format that a user asked for: `json`, `table TEMPLATE` (heads first), or a template for each row. Tabs (also
 * written `\t`) align; in a table blanks do too. `headings` are the column heads that are not the field's name in upper case.
 */
export function formatRows(format: string, rows: Rows, headings: Readonly<Record<string, string>>): string {
  if (format === 'json') return `${JSON.stringify(rows, undefined, 4)}\n`
  const isTable = /^table\s/.test(format)
  const text = unescaped(isTable ? spacesToTabs(format.replace(/^table\s+/, '')) : format)
  const template = parseTemplate(text)
  const ranged = /^\{\{-?\s*range\s+\.\s*-?\}\}/.test(text) && !isTable
  const bodies = ranged ? [fill(template, rows)] : rows.map(row => fill(template, row))
  const head = isTable ? [fill(template, headRow(rows, headings, text))] : []
  return align([...head, ...bodies])
}

const unescaped = (text: string) => text.replaceAll('\\t', '\t').replaceAll('\\n', '\n')

/** Blanks between the actions of a table separate its columns. */
const spacesToTabs = (text: string) =>
  text
    .split(/(\{\{.*?\}\})/s)
    .map(piece => (piece.startsWith('{{') ? piece : piece.replaceAll(' ', '\t')))
    .join('')

/** A row whose every field is its column's head. */
function headRow(rows: Rows, headings: Readonly<Record<string, string>>, text: string): Record<string, unknown> {
  const used = [...text.matchAll(/\.(\w+)/g)].map(([, name = '']) => name)
  const names = new Set([...used, ...Object.keys(rows[0] ?? {})])
  return Object.fromEntries([...names].map(name => [name, headings[name] ?? name.toUpperCase()]))
}

/** One line a body; cells that tabs separate stand in columns. */
function align(bodies: readonly string[]): string {
  const text = bodies.map(body => (body.endsWith('\n') ? body : `${body}\n`)).join('')
  if (!text.includes('\t')) return text
  return columns(
    text
      .replace(/\n$/, '')
      .split('\n')
      .map(line => line.split('\t')),
  )
}
