const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

const escapeSequence = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([\s\S]))/gu

/** What a Go literal in double or single quotes stands for; undefined when an escape in it means nothing. */
export function unquote(literal: string): string | undefined {
  let isValid = true
  const text = literal.slice(1, -1).replaceAll(escapeSequence, (...match: readonly string[]) => {
    const [, x, u, long, octal, plain = ''] = match
    const hex = x ?? u ?? long
    const code = hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)
    if (code <= 0x10ffff) return String.fromCodePoint(code)
    if (Object.hasOwn(escapes, plain)) return escapes[plain] ?? ''
    if (/^[\\'"]$/.test(plain)) return plain
    isValid = false
    return ''
  })
  return isValid ? text : undefined
}

/** A number as Go writes it: `0x1F`, `1_000`, `-1.5e3`, `0755`. */
export function numberOf(text: string): number {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text.replaceAll('_', '')) ?? []
  const value = /^0\d+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return sign === '-' ? -value : value
}
