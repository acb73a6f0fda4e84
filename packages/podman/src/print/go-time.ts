import { named, printedAs } from '@libpod/go-template'
import { withJson } from './json-form.ts'

const pattern = /^(\d{4}-\d\d-\d\d)T([\d:]+)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/

/** `2026-01-02T03:04:05.6Z` as Go prints a time: `2026-01-02 03:04:05.6 +0000 UTC`; any other text as it is. */
export function goTimeOf(text: string): string {
  const [, day, clock, fraction = '', sign, hours, minutes] = pattern.exec(text) ?? []
  if (day === undefined) return text
  const zone = sign === undefined ? '+0000 UTC' : `${sign}${hours}${minutes} ${sign}${hours}${minutes}`
  return `${day} ${clock}${fraction.replace(/\.?0+$/, '')} ${zone}`
}

/** A time as templates see Go's: printed as Go does, JSON as it came, and with the methods that people ask. */
export function goTime(text: string): unknown {
  const [, day, clock, fraction = '', sign = '+', hours = '00', minutes = '00'] = pattern.exec(text) ?? []
  if (day === undefined) return text
  const wall = new Date(`${day}T${clock}Z`)
  const offset = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes))
  const seconds = wall.getTime() / 1000 - offset * 60
  const nanoseconds = Number(`0${fraction}`) * 1e9
  const parts: Parts = { wall, fraction: fraction.slice(1).padEnd(9, '0'), zone: `${sign}${hours}:${minutes}` }
  const methods = {
    Unix: () => seconds,
    UnixMilli: () => seconds * 1000 + Math.floor(nanoseconds / 1e6),
    UnixNano: () => BigInt(seconds) * 1_000_000_000n + BigInt(parts.fraction),
    Year: () => wall.getUTCFullYear(),
    Month: () => months[wall.getUTCMonth()],
    Day: () => wall.getUTCDate(),
    Weekday: () => weekdays[wall.getUTCDay()],
    Hour: () => wall.getUTCHours(),
    Minute: () => wall.getUTCMinutes(),
    Second: () => wall.getUTCSeconds(),
    IsZero: () => seconds === zeroSeconds && nanoseconds === 0,
    Format: (layout: string) => formatted(layout, parts),
    String: () => goTimeOf(text),
  }
  return withJson(printedAs(goTimeOf(text), named('time.Time', methods)), text)
}

/** Of the year 1. */
const zeroSeconds = -62135596800

interface Parts {
  /** The clock on the wall, as if it were UTC's. */
  readonly wall: Date
  /** Nine digits. */
  readonly fraction: string
  readonly zone: string
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]
const two = (value: number): string => String(value).padStart(2, '0')
const twelve = (hour: number): number => hour % 12 || 12

/** Parts of Go's reference time, `Mon Jan 2 15:04:05 MST 2006`, longer ones first (https://pkg.go.dev/time#Layout). */
const layoutParts: Readonly<Record<string, (parts: Parts) => string>> = {
  January: ({ wall }) => months[wall.getUTCMonth()] ?? '',
  Monday: ({ wall }) => weekdays[wall.getUTCDay()] ?? '',
  'Z07:00': ({ zone }) => (zone === '+00:00' ? 'Z' : zone),
  '-07:00': ({ zone }) => zone,
  Z0700: ({ zone }) => (zone === '+00:00' ? 'Z' : zone.replace(':', '')),
  '-0700': ({ zone }) => zone.replace(':', ''),
  '2006': ({ wall }) => String(wall.getUTCFullYear()).padStart(4, '0'),
  MST: ({ zone }) => (zone === '+00:00' ? 'UTC' : zone.replace(':', '')),
  Jan: ({ wall }) => (months[wall.getUTCMonth()] ?? '').slice(0, 3),
  Mon: ({ wall }) => (weekdays[wall.getUTCDay()] ?? '').slice(0, 3),
  '06': ({ wall }) => two(wall.getUTCFullYear() % 100),
  '01': ({ wall }) => two(wall.getUTCMonth() + 1),
  '02': ({ wall }) => two(wall.getUTCDate()),
  '03': ({ wall }) => two(twelve(wall.getUTCHours())),
  '04': ({ wall }) => two(wall.getUTCMinutes()),
  '05': ({ wall }) => two(wall.getUTCSeconds()),
  '15': ({ wall }) => two(wall.getUTCHours()),
  _2: ({ wall }) => String(wall.getUTCDate()).padStart(2),
  PM: ({ wall }) => (wall.getUTCHours() < 12 ? 'AM' : 'PM'),
  '1': ({ wall }) => String(wall.getUTCMonth() + 1),
  '2': ({ wall }) => String(wall.getUTCDate()),
  '3': ({ wall }) => String(twelve(wall.getUTCHours())),
}
const layoutPattern = new RegExp(`${Object.keys(layoutParts).sort(longerFirst).join('|')}|\\.0+|\\.9+`, 'g')

function longerFirst(a: string, b: string): number {
  return b.length - a.length
}

/** `.000` keeps its digits, `.999` drops the noughts at their end. */
function formatted(layout: string, parts: Parts): string {
  return layout.replaceAll(layoutPattern, part => {
    if (!part.startsWith('.')) return layoutParts[part]?.(parts) ?? part
    const digits = parts.fraction.slice(0, part.length - 1)
    return part.startsWith('.0') ? `.${digits}` : `.${digits}`.replace(/\.?0+$/, '')
  })
}
