import { syntaxError } from './errors.ts'

/** Text and the actions between it, with the white space gone that `{{-` and `-}}` ask to remove. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly text: string; readonly line: number }

const action =
  /\{\{(- )?(?:\s*(\/\*[\s\S]*?\*\/)\s*?|((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|[^"`'])*?))( -)?\}\}/y

/** @throws TemplateError SYNTAX */
export function splitActions(source: string): readonly Piece[] {
  const pieces: Piece[] = []
  let trimNext = false
  let at = 0
  for (;;) {
    const open = source.indexOf('{{', at)
    const text = source.slice(at, open < 0 ? undefined : open)
    if (open < 0) {
      pieces.push({ kind: 'text', text: trimNext ? text.trimStart() : text })
      return pieces
    }
    action.lastIndex = open
    const match = action.exec(source)
    const line = lineAt(source, open)
    if (!match) throw syntaxError(`${line}: unclosed action`)
    const [whole, trimBefore, comment, inner = '', trimAfter] = match
    const left = trimNext ? text.trimStart() : text
    pieces.push({ kind: 'text', text: trimBefore ? left.trimEnd() : left })
    if (comment === undefined) pieces.push({ kind: 'action', text: inner.trim(), line })
    trimNext = trimAfter !== undefined
    at = open + whole.length
  }
}

const lineAt = (source: string, index: number): number => source.slice(0, index).split('\n').length

export type Token =
  | { readonly kind: 'constant'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'field' | 'variable' | 'word' | 'mark'; readonly text: string; readonly glued: boolean }

const token =
  /(\s*)(?:("(?:[^"\\\n]|\\.)*")|`([^`]*)`|'((?:[^'\\\n]|\\.)+)'|([+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))|(\.[\p{L}_][\p{L}\p{N}_]*)|(\$[\p{L}\p{N}_]*)|([\p{L}_][\p{L}\p{N}_]*)|(:=|[.|(),=]))/uy

/** The words of one action. @throws TemplateError SYNTAX */
export function tokens(text: string, line: number): readonly Token[] {
  const found: Token[] = []
  token.lastIndex = 0
  for (let at = 0; at < text.length; at = token.lastIndex) {
    const match = token.exec(text)
    if (!match) {
      if (text.slice(at).trim() === '') break
      throw syntaxError(`${line}: unexpected ${JSON.stringify(text.slice(at).trim())} in ${JSON.stringify(text)}`)
    }
    found.push(tokenOf(match, line))
  }
  return found
}

function tokenOf(match: RegExpExecArray, line: number): Token {
  const [whole, space, quoted, raw, character, number, field, variable, word, mark] = match
  const text = whole.trim()
  const glued = space === ''
  if (quoted !== undefined) return { kind: 'constant', value: unquote(quoted, line), text }
  if (raw !== undefined) return { kind: 'constant', value: raw, text }
  if (character !== undefined) return { kind: 'constant', value: unquote(`"${character}"`, line).codePointAt(0), text }
  if (number !== undefined) return { kind: 'constant', value: Number(number.replaceAll('_', '')), text }
  if (field !== undefined) return { kind: 'field', text: field.slice(1), glued }
  if (variable !== undefined) return { kind: 'variable', text: variable, glued }
  if (word !== undefined) return { kind: 'word', text: word, glued }
  return { kind: 'mark', text: mark ?? '', glued }
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** A Go string literal. */
function unquote(literal: string, line: number): string {
  return literal
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/gu,
      (...match: readonly string[]) => {
        const [, x, u, long, octal, plain = ''] = match
        const hex = x ?? u ?? long
        if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
        if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
        if (Object.hasOwn(escapes, plain)) return escapes[plain] ?? ''
        if (/[\\'"]/.test(plain)) return plain
        throw syntaxError(`${line}: invalid syntax in ${literal}`)
      },
    )
}
