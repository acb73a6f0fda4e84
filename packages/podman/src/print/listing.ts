import { columns } from './columns.ts'
import type { Report } from './format.ts'
import { isJson } from './is-json.ts'

type Row = Readonly<Record<string, unknown>>

/** How a list is to be shown. */
export interface ListingFlags {
  readonly format?: string | undefined
  readonly quiet?: boolean
  readonly noheading?: boolean
}

export interface Listing<R extends Row> extends Pick<Report, 'name' | 'type'> {
  /** The columns of the plain table. */
  readonly fields: readonly (keyof R & string)[]
  /** Column heads that are not the field's name in upper case. */
  readonly headings: Readonly<Record<string, string>>
  /** What `--quiet` shows of a row. */
  readonly quiet: (row: R) => string
  /** What templates see of a row, where it is not the row itself. */
  readonly templateRow?: (row: R) => Promise<object>
  /** What `--format json` shows of all; the rows themselves when absent. */
  readonly json?: () => unknown
}

/** A list as its command's `--format`, `--quiet` and `--noheading` want it. */
export async function listing<R extends Row>(
  rows: readonly R[],
  flags: ListingFlags,
  how: Listing<R>,
): Promise<string> {
  const { format, quiet, noheading } = flags
  if (quiet && !format) return rows.map(row => `${how.quiet(row)}\n`).join('')
  if (isJson(format)) return `${JSON.stringify(how.json ? how.json() : rows, undefined, 4)}\n`
  if (format) {
    const { formatRows } = await import('./format.ts')
    const json = how.json?.()
    const shown = how.templateRow ? await Promise.all(rows.map(how.templateRow)) : rows
    return formatRows(format, shown, {
      ...how,
      noheading: noheading ?? false,
      json: Array.isArray(json) && json.length === rows.length ? json : rows,
    })
  }
  const head = how.fields.map(field => how.headings[field] ?? field.toUpperCase())
  const cells = rows.map(row => how.fields.map(field => String(row[field])))
  return columns(noheading ? cells : [head, ...cells])
}
