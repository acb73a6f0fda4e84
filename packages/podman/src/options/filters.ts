import { UsageError } from '../cli/usage-error.ts'

/** `key=value` texts of `--filter`, gathered by key. Throws UsageError. */
export function parseFilters(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const filters: Record<string, string[]> = Object.create(null)
  for (const text of texts) {
    const equals = text.indexOf('=')
    if (equals < 1) throw new UsageError(`invalid filter ${JSON.stringify(text)}`)
    const key = text.slice(0, equals)
    filters[key] = [...(filters[key] ?? []), text.slice(equals + 1)]
  }
  return filters
}
