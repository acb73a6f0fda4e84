import { UsageError } from '../cli/usage-error.ts'
import { parseDuration } from '../cli/values.ts'

/**
 * A moment as `--since` and `--until` take it: a Unix time (with decimals), an RFC 3339 time, its prefixes, or a Go duration
 * back from now. Milliseconds since the epoch. Throws UsageError.
 */
export function parseInstant(text: string, flag: 'since' | 'until', now: number = Date.now()): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const duration = tryDuration(text)
  if (duration !== undefined) return now - duration / 1e6
  const date = Date.parse(normalized(text))
  if (Number.isNaN(date))
    throw new UsageError(`parsing --${flag} ${JSON.stringify(text)}: unable to interpret time value`)
  return date
}

function tryDuration(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}

/** `2006-01-02` alone is local time, as the longer form without a zone is; fractions are cut to milliseconds. */
function normalized(text: string): string {
  const cut = text.replace(/(\.\d{3})\d+/, '$1').replace(/,\d+/, '')
  if (/^\d{4}-\d\d-\d\d$/.test(cut)) return `${cut}T00:00:00`
  const zoned = /^(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)$/.exec(cut)
  return zoned ? `${zoned[1]}T00:00:00${zoned[2]}` : cut
}
