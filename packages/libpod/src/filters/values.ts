import { LibpodError } from '../errors.ts'

/** One condition of `--filter`, `key=value` or `key!=value`. */
export interface Condition {
  readonly key: string
  readonly value: string
  readonly wanted: 'yes' | 'no'
}

export type Filters = Readonly<Record<string, readonly string[]>>

/** A key may end in `!`: what was written as `key!=value`. */
export function conditionsOf(filters: Filters): readonly Condition[] {
  return Object.entries(filters).flatMap(([key, values]) =>
    values.map(value => ({ key: key.replace(/!$/, ''), value, wanted: key.endsWith('!') ? ('no' as const) : 'yes' })),
  )
}

/** What is no expression matches nothing. */
export function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch {
    return /(?!)/
  }
}

/** The beginning of an id, or a regular expression of it. */
export function idTest(text: string): (id: string) => boolean {
  if (/^[0-9a-f]*$/i.test(text)) return id => id.startsWith(text.toLowerCase())
  const wanted = pattern(text)
  return id => wanted.test(id)
}

/** `label=key` or `label=key=value`; a trailing `*` in either matches the rest. */
export function matchesLabel(wanted: string, labels: Readonly<Record<string, string>>): boolean {
  const at = wanted.indexOf('=')
  const key = at < 0 ? wanted : wanted.slice(0, at)
  const value = at < 0 ? '' : wanted.slice(at + 1)
  return Object.entries(labels).some(
    ([name, text]) => matchesGlob(key, name) && (value === '' || value === text || matchesGlob(value, text)),
  )
}

/** Go's path.Match for `*` and `?` and `[…]`, in linear time for what people write: `*` does not cross a slash. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let place = 0
  let star = -1
  let resume = 0
  while (place < text.length) {
    const step = at < pattern.length ? matchOne(pattern, at, text[place] ?? '') : 0
    if (pattern[at] === '*') {
      star = at++
      resume = place
    } else if (step > 0) {
      at += step
      place++
    } else if (star >= 0 && text[resume] !== '/') {
      at = star + 1
      place = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** How many pattern characters match this one character; 0 when it does not. */
function matchOne(pattern: string, at: number, character: string): number {
  const sign = pattern[at]
  if (sign === '?') return character === '/' ? 0 : 1
  if (sign === '\\') return pattern[at + 1] === character ? 2 : 0
  if (sign !== '[') return sign === character && sign !== '*' ? 1 : 0
  const end = pattern.indexOf(']', at + 2)
  if (end < 0) return 0
  const inside = pattern.slice(at + 1, end)
  const negated = inside.startsWith('^')
  const members = negated ? inside.slice(1) : inside
  return inClass(members, character) !== negated ? end - at + 1 : 0
}

function inClass(members: string, character: string): boolean {
  for (let index = 0; index < members.length; index++) {
    const low = members[index] ?? ''
    const high = members[index + 1] === '-' ? (members[index + 2] ?? low) : low
    if (high !== low) index += 2
    if (character >= low && character <= high) return true
  }
  return false
}

/** Go's strconv.ParseBool. @throws LibpodError SPEC_INVALID */
export function parseBool(text: string, filter: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw new LibpodError(
    'SPEC_INVALID',
    `non-boolean value ${JSON.stringify(text)} for ${filter} filter: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 }

/** A Go duration such as `1h30m`, in milliseconds; undefined when it is none. */
export function goDuration(text: string): number | undefined {
  if (!/^[-+]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const sign = text.startsWith('-') ? -1 : 1
  const parts = text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)
  return [...parts].reduce((sum, [, number, unit]) => sum + sign * Number(number) * (units[unit ?? ''] ?? 0), 0)
}

/**
 * A point in time as Podman's `until` and `since` take it: a duration back from now, Unix seconds, or a date with or without
 * a time of day and zone. Milliseconds since 1970. @throws LibpodError SPEC_INVALID
 */
export function pointInTime(text: string, now = Date.now()): number {
  const duration = goDuration(text)
  if (duration !== undefined) return now - duration
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const local = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text
  const time = Date.parse(local)
  if (!Number.isNaN(time)) return time
  throw new LibpodError(
    'SPEC_INVALID',
    `failed to parse ${JSON.stringify(text)} as a time: use a duration such as 10m, Unix seconds or a date such as 2006-01-02T15:04:05`,
  )
}
