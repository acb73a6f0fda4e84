import { show, textOf, typeName } from './value.ts'

const verb = /%([-+# 0]*)(?:\[(\d+)\])?(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?([\s\S])?/gu

/** Go's `fmt.Sprintf`, with its notes on arguments that are missing, too many or of the wrong kind. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let used = 0
  let isReordered = false
  const text = format.replaceAll(verb, (...match: readonly string[]) => {
    const [, flags = '', before, width, precision, behind, letter] = match
    const number = before ?? behind
    if (number !== undefined) {
      used = Number(number) - 1
      isReordered = true
    }
    if (letter === undefined) return '%!(NOVERB)'
    if (letter === '%') return '%'
    const wide = Number(width === '*' ? args[used++] : (width ?? 0))
    const precise = precision === undefined ? undefined : Number(precision === '*' ? args[used++] : precision)
    if (used >= args.length || used < 0) return `%!${letter}(${number === undefined ? 'MISSING' : 'BADINDEX'})`
    return pad(formatOne(letter, args[used++], { flags, precision: precise }), { flags, width: wide, letter })
  })
  const extra = isReordered ? [] : args.slice(used)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map(arg => `${typeName(arg)}=${show(arg)}`).join(', ')})`
}

interface Style {
  readonly flags: string
  readonly precision: number | undefined
}

function formatOne(letter: string, value: unknown, style: Style): string {
  if (letter === 'v')
    return style.flags.includes('#') && typeof value === 'string'
      ? JSON.stringify(value)
      : show(value, style.flags.includes('+') ? 'named' : 'plain')
  if (letter === 'T') return typeName(value)
  if (letter === 't' && typeof value === 'boolean') return String(value)
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumber(letter, value, style)
  if (Array.isArray(value) && /[sqd]/.test(letter))
    return `[${value.map(each => formatOne(letter, each, style)).join(' ')}]`
  const text = typeof value === 'string' ? value : textOf(value)
  if (text !== undefined) return formatString(letter, text, style)
  return wrong(letter, value)
}

const wrong = (letter: string, value: unknown): string => `%!${letter}(${typeName(value)}=${show(value)})`

function formatString(letter: string, value: string, { flags, precision }: Style): string {
  const text = precision === undefined ? value : [...value].slice(0, precision).join('')
  if (letter === 's') return text
  if (letter === 'q') return flags.includes('#') && !text.includes('`') ? `\`${text}\`` : JSON.stringify(text)
  const hex = Buffer.from(text).toString('hex')
  if (letter === 'x') return hex
  if (letter === 'X') return hex.toUpperCase()
  return wrong(letter, value)
}

const radix: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  d: [10, ''],
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
}

function formatNumber(letter: string, value: number | bigint, { flags, precision }: Style): string {
  const sign = flags.includes('+') && value >= 0 ? '+' : flags.includes(' ') && value >= 0 ? ' ' : ''
  const base = radix[letter]
  if (base && (typeof value === 'bigint' || Number.isInteger(value))) {
    const digits = (value < 0 ? -value : value).toString(base[0])
    const prefix = flags.includes('#') || letter === 'O' ? base[1] : ''
    return `${value < 0 ? '-' : sign}${prefix}${letter === 'X' ? digits.toUpperCase() : digits}`
  }
  if (letter === 'c') return String.fromCodePoint(Number(value))
  if (letter === 'q') return `'${String.fromCodePoint(Number(value))}'`
  if (letter === 'U') return `U+${Number(value).toString(16).toUpperCase().padStart(4, '0')}`
  const number = Number(value)
  if (letter === 'f' || letter === 'F') return sign + number.toFixed(precision ?? 6)
  if (letter === 'e' || letter === 'E') return sign + exponential(number.toExponential(precision ?? 6), letter)
  if (letter === 'g' || letter === 'G')
    return sign + (precision === undefined ? show(number) : String(Number(number.toPrecision(precision || 1))))
  return wrong(letter, value)
}

const exponential = (text: string, letter: string): string =>
  text.replace(/e([+-])(\d)$/, 'e$10$2').replace('e', letter)

function pad(text: string, { flags, width, letter }: { flags: string; width: number; letter: string }): string {
  const length = [...text].length
  const wide = Math.abs(width)
  if (length >= wide) return text
  if (flags.includes('-') || width < 0) return text + ' '.repeat(wide - length)
  if (!flags.includes('0') || /[sqvT]/.test(letter)) return ' '.repeat(wide - length) + text
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  return sign + '0'.repeat(wide - length) + digits
}
