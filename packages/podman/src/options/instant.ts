import { UsageError } from '../cli/usage-error.ts'
import { parseDuration } from '../cli/values.ts'

/**
 * A moment as `--since` and `--until` take it: a Unix time (with decimals), an RFC 3339 time or a prefix of one (in UTC when it
 * names no zone), or a Go duration, back from now for `since` and ahead for `until`. Milliseconds since the epoch. Throws UsageError.
 */
export function parseInstant(text: string, flag: 'since' | 'until', now: number = Date.now()): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const duration = tryDuration(text)
  if (duration !== undefined) return now + ((flag === 'since' ? -1 : 1) * duration) / 1e6
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

/** The one form that JavaScript reads as meant: with a time and a zone. Its fractions end at milliseconds. */
function normalized(text: string): string {
  const [, day, time = 'T00:00:00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d:\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? []
  return `${day}${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`
}
