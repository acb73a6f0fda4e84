import { columns } from './columns.ts'

type Row = Readonly<Record<string, unknown>>

/** How a list is to be shown. */
export interface ListingFlags {
  readonly format?: string | undefined
  readonly quiet?: boolean
  readonly noheading?: boolean
}

export interface Listing<R extends Row> {
  /** The columns of the plain table. */
  readonly fields: readonly (keyof R & string)[]
  /** Column heads that are not the field's name in upper case. */
  readonly headings: Readonly<Record<string, string>>
  /** What `--quiet` shows of a row. */
  readonly name: (row: R) => string
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
  if (quiet && !format) return rows.map(row => `${how.name(row)}\n`).join('')
  if (format === 'json') return `${JSON.stringify(how.json ? how.json() : rows, undefined, 4)}\n`
  if (format) {
    const { formatRows } = await import('./format.ts')
    return formatRows(format, rows, how.headings)
  }
  const head = how.fields.map(field => how.headings[field] ?? field.toUpperCase())
  const cells = rows.map(row => how.fields.map(field => String(row[field])))
  return columns(noheading ? cells : [head, ...cells])
}
