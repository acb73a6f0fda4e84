import { ExitStatus, wording } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

export interface InspectOptions {
  /** A Go template, `json`, or nothing for JSON. */
  readonly format: string | undefined
  /** Blanks before each level of the JSON. */
  readonly indent: number
  /** What is said of a name for which `find` failed; its own words when absent or undefined. */
  readonly problem?: (error: unknown, name: string) => string | undefined
}

/** Shows the objects behind all names that have one, then fails for those that have none. Resolves to the exit status. */
export async function inspectEach(
  names: readonly string[],
  find: (name: string) => Promise<object>,
  io: Terminal,
  { format, indent, problem }: InspectOptions,
): Promise<number> {
  const outcomes = await Promise.allSettled(names.map(find))
  const found = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failures = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? [problem?.(outcome.reason, names[at] ?? '') ?? wording(outcome.reason)] : [],
  )
  if (found.length > 0 || format === undefined || format === 'json') io.out(await inspectText(found, format, indent))
  if (failures.length > 0) throw new ExitStatus(125, failures.join('\nError: '))
  return 0
}

/** Objects as JSON, or each through a template. */
export async function inspectText(
  found: readonly object[],
  format: string | undefined,
  indent: number,
): Promise<string> {
  if (format === undefined || format === '' || format === 'json') return `${JSON.stringify(found, undefined, indent)}\n`
  const { formatRows } = await import('./print/format.ts')
  return formatRows(format, found as Record<string, unknown>[], {})
}
