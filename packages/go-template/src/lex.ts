/** What an action is made of. `open` and `close` are the braces; `error` ends the list, with what is wrong as its text. */
export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'boolean'
  | 'nil'
  | 'dot'
  | 'number'
  | 'character'
  | 'string'
  | 'raw-string'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'left-paren'
  | 'right-paren'
  | 'char'
  | 'error'
  | 'end-of-text'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Offset into the template. */
  readonly at: number
}

const keywords = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with'])

/** Never fails: what is no template ends in an `error` token, which the parser reports when it gets there. */
export function tokens(source: string): readonly Token[] {
  const lexer = new Lexer(source)
  lexer.read()
  return lexer.found
}

const patterns = {
  space: /[ \t\r\n]+/y,
  string: /"(?:[^"\\\n]|\\[^\n])*"/y,
  rawString: /`[^`]*`/y,
  character: /'(?:[^'\\\n]|\\[^\n])+'/y,
  number:
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)(?![\p{L}\p{N}_])/uy,
  wrongNumber: /[+-]?[\p{L}\p{N}_.]*/uy,
  field: /\.[\p{L}\p{N}_]+/uy,
  variable: /\$[\p{L}\p{N}_]*/uy,
  word: /[\p{L}_][\p{L}\p{N}_]*/uy,
  comment: /\{\{(?:-[ \t\r\n]+)?\/\*/y,
  close: /(?:[ \t\r\n]+-)?\}\}/y,
} satisfies Readonly<Record<string, RegExp>>

class Lexer {
  readonly found: Token[] = []
  readonly #source: string
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): void {
    while (this.#at < this.#source.length) {
      if (!this.#text()) return
      if (this.#at >= this.#source.length) break
      if (this.#match('comment') !== undefined ? !this.#comment() : !this.#action()) return
    }
    this.#end('end-of-text', '')
  }

  /** Up to the next action, without the white space that `{{-` takes away; what `-}}` takes away is skipped already. */
  #text(): true {
    const open = this.#source.indexOf('{{', this.#at)
    const raw = this.#source.slice(this.#at, open < 0 ? undefined : open)
    const trims = open >= 0 && /^\{\{-[ \t\r\n]/.test(this.#source.slice(open, open + 4))
    const text = trims ? raw.replace(/[ \t\r\n]+$/, '') : raw
    if (text !== '') this.#push('text', text)
    this.#at = open < 0 ? this.#source.length : open
    return true
  }

  #comment(): boolean {
    const start = this.#at + (this.#match('comment') ?? '').length
    const end = this.#source.indexOf('*/', start)
    if (end < 0) return this.#fail('unclosed comment')
    this.#at = end + 2
    const close = this.#match('close')
    if (close === undefined) return this.#fail('comment ends before closing delimiter')
    this.#pass(close)
    return true
  }

  #action(): boolean {
    this.#push('open', '{{')
    this.#at += /^\{\{-[ \t\r\n]/.test(this.#source.slice(this.#at, this.#at + 4)) ? 3 : 2
    for (;;) {
      const close = this.#match('close')
      if (close !== undefined) {
        if (this.#depth > 0) return this.#fail('unclosed left paren')
        this.#push('close', '}}')
        this.#pass(close)
        return true
      }
      if (!this.#inside()) return false
    }
  }

  /** Behind a closing brace; `-}}` takes the white space that follows. */
  #pass(close: string): void {
    this.#at += close.length
    if (close.includes('-')) this.#at += (this.#match('space') ?? '').length
  }

  #inside(): boolean {
    const character = this.#source[this.#at]
    if (character === undefined) return this.#end('error', 'unclosed action')
    if (this.#take('space', 'space')) return true
    if (character === '"') return this.#take('string', 'string') || this.#fail('unterminated quoted string')
    if (character === '`') return this.#take('raw-string', 'rawString') || this.#fail('unterminated raw quoted string')
    if (character === "'") return this.#take('character', 'character') || this.#fail('unterminated character constant')
    if (character === '$') return this.#take('variable', 'variable') && this.#ends()
    if (/[\d+-]/.test(character) || /^\.\d/.test(this.#source.slice(this.#at, this.#at + 2))) return this.#number()
    if (this.#take('field', 'field')) return this.#ends()
    if (/[\p{L}_]/u.test(this.#codePoint())) return this.#word() && this.#ends()
    return this.#mark(character)
  }

  #number(): boolean {
    if (this.#take('number', 'number')) return true
    return this.#fail(`bad number syntax: ${JSON.stringify(this.#match('wrongNumber') ?? '')}`)
  }

  #word(): boolean {
    const word = this.#match('word') ?? ''
    this.#push(keywords.has(word) ? 'keyword' : wordKind(word), word)
    this.#at += word.length
    return true
  }

  #mark(character: string): boolean {
    if (character === ':') {
      if (this.#source[this.#at + 1] !== '=') return this.#fail('expected :=')
      return this.#one('declare', ':=')
    }
    if (character === '(') this.#depth++
    if (character === ')') this.#depth = Math.max(0, this.#depth - 1)
    const kind = marks[character]
    if (kind) return this.#one(kind, character)
    const point = this.#codePoint()
    if (/[ -~]/.test(point)) return this.#one('char', point)
    return this.#fail(`unrecognized character in action: ${unicode(point)}`)
  }

  #one(kind: TokenKind, text: string): true {
    this.#push(kind, text)
    this.#at += text.length
    return true
  }

  /** Names end where something else begins. */
  #ends(): boolean {
    const point = this.#codePoint()
    if (point === '' || /[\s.,|:)(]/.test(point) || this.#match('close') !== undefined) return true
    return this.#fail(`bad character ${unicode(point)}`)
  }

  #take(kind: TokenKind, pattern: keyof typeof patterns): boolean {
    const text = this.#match(pattern)
    return text !== undefined && this.#one(kind, text)
  }

  #match(name: keyof typeof patterns): string | undefined {
    const pattern = patterns[name]
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0]
  }

  #codePoint(): string {
    const code = this.#source.codePointAt(this.#at)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #push(kind: TokenKind, text: string): void {
    this.found.push({ kind, text, at: this.#at })
  }

  /** What is missing at the end is told of where the last thing stands, as Go has it. */
  #end(kind: 'error' | 'end-of-text', text: string): false {
    const last = this.found.findLast(token => token.kind !== 'space')
    this.found.push({ kind, text, at: last?.at ?? 0 })
    return false
  }

  #fail(why: string): false {
    this.#push('error', why)
    return false
  }
}

const wordKind = (word: string): TokenKind =>
  word === 'true' || word === 'false' ? 'boolean' : word === 'nil' ? 'nil' : 'identifier'

const marks: Readonly<Record<string, TokenKind>> = {
  '.': 'dot',
  '|': 'pipe',
  '=': 'assign',
  '(': 'left-paren',
  ')': 'right-paren',
}

const unicode = (point: string): string =>
  `U+${(point.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${point}'`
