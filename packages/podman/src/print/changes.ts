import { UsageError } from '../cli/usage-error.ts'

type Changes = readonly { readonly kind: 'A' | 'C' | 'D'; readonly path: string }[]

/** What `diff` prints: a line for each path, or lists by kind as JSON. */
export function changesText(changes: Changes, format: string | undefined): string {
  if (format === undefined || format === '') return changes.map(({ kind, path }) => `${kind} ${path}\n`).join('')
  if (format !== 'json') throw new UsageError("only supported value for '--format' is 'json'")
  const of = (wanted: string) => changes.filter(({ kind }) => kind === wanted).map(({ path }) => path)
  const lists = Object.entries({ changed: of('C'), added: of('A'), deleted: of('D') }).filter(
    ([, paths]) => paths.length > 0,
  )
  return `${JSON.stringify(Object.fromEntries(lists), undefined, 5)}\n`
}
