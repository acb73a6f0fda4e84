/** Readers of flag values with the rules and the wording of Go's strconv and encoding/csv, which Podman's users know. */

const syntax = (name: string, text: string) =>
  new Error(`strconv.${name}: parsing ${JSON.stringify(text)}: invalid syntax`)
const range = (name: string, text: string) =>
  new Error(`strconv.${name}: parsing ${JSON.stringify(text)}: value out of range`)

const truths: Readonly<Record<string, boolean>> = {
  1: true, t: true, T: true, true: true, TRUE: true, True: true,
  0: false, f: false, F: false, false: false, FALSE: false, False: false,
} // biome-ignore format: two columns read better

export function parseBool(text: string): boolean {
  const value = Object.hasOwn(truths, text) ? truths[text] : undefined
  if (value === undefined) throw syntax('ParseBool', text)
  return value
}

/** A switch in the engine's words; undefined says nothing. */
export const yesNo = (value: boolean | undefined): 'yes' | 'no' | undefined =>
  value === undefined ? undefined : value ? 'yes' : 'no'

export function parseInteger(text: string, name: 'ParseInt' | 'ParseUint'): number {
  const pattern =
    name === 'ParseInt'
      ? /^[+-]?(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/
      : /^(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/
  if (!pattern.test(text)) throw syntax(name, text)
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '').replace(/^0(?=[0-7]+$)/, '0o')
  const magnitude = BigInt(digits)
  if (magnitude > (name === 'ParseInt' ? 2n ** 63n - 1n + (negative ? 1n : 0n) : 2n ** 64n - 1n))
    throw range(name, text)
  return Number(negative ? -magnitude : magnitude)
}

export function numberOf(text: string): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw syntax('ParseFloat', text)
  return Number(text)
}

const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** A Go duration (`1h15m30.5s`) in nanoseconds. */
export function parseDuration(text: string): number {
  if (/^[+-]?0$/.test(text)) return 0
  const quoted = JSON.stringify(text)
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text)
  if (!match) {
    const missing = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)
    throw new Error(missing ? `time: missing unit in duration ${quoted}` : `time: invalid duration ${quoted}`)
  }
  let total = 0
  for (const [, amount = '0', unit = 'ns'] of (match[2] ?? '').matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(amount) * (nanoseconds[unit] ?? 1)
  return match[1] === '-' ? -total : total
}

/** One CSV record: commas separate, double quotes protect. */
export function splitCsv(text: string): string[] {
  if (text === '') return []
  if (!text.includes('"')) return text.split(',')
  const fields: string[] = []
  let at = 0
  while (at <= text.length) {
    const [field, next] = text[at] === '"' ? quotedField(text, at) : bareField(text, at)
    fields.push(field)
    at = next + 1
    if (next >= text.length) break
  }
  return fields
}

function bareField(text: string, from: number): [string, number] {
  const comma = text.indexOf(',', from)
  const end = comma < 0 ? text.length : comma
  const field = text.slice(from, end)
  const quote = field.indexOf('"')
  if (quote >= 0) throw new Error(`parse error on line 1, column ${from + quote + 1}: bare " in non-quoted-field`)
  return [field, end]
}

function quotedField(text: string, from: number): [string, number] {
  let field = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0)
      throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`)
    field += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      const end = quote + 1
      if (end < text.length && text[end] !== ',')
        throw new Error(`parse error on line 1, column ${quote + 1}: extraneous or missing " in quoted-field`)
      return [field, end]
    }
    field += '"'
    at = quote + 2
  }
}
