import { syntaxError } from './errors.ts'
import { type Piece, splitActions, type Token, tokens } from './lex.ts'
import type { Definitions, Node, Operand, Pipe } from './nodes.ts'

export interface Parsed {
  readonly nodes: readonly Node[]
  readonly definitions: Definitions
}

/** @throws TemplateError SYNTAX */
export function parse(source: string): Parsed {
  return new Parser(splitActions(source)).whole()
}

type Keyword = 'if' | 'range' | 'with' | 'define' | 'block'
/** How a block ended: at `{{end}}`, at `{{else …}}`, or where the text did. */
type Ending = { readonly kind: 'end' } | { readonly kind: 'nothing' } | { readonly kind: 'else'; readonly rest: Reader }

class Parser {
  readonly #pieces: readonly Piece[]
  readonly #definitions = new Map<string, readonly Node[]>()
  #at = 0
  #loops = 0
  #ending: Ending = { kind: 'nothing' }

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  whole(): Parsed {
    const nodes = this.#block()
    if (this.#ending.kind !== 'nothing') throw syntaxError(`unexpected {{${this.#ending.kind}}}`)
    return { nodes, definitions: this.#definitions }
  }

  /** Nodes up to the `else` or `end` that belongs to whoever called. */
  #block(): readonly Node[] {
    const nodes: Node[] = []
    for (;;) {
      const piece = this.#pieces[this.#at++]
      if (piece === undefined) {
        this.#ending = { kind: 'nothing' }
        return nodes
      }
      if (piece.kind === 'text') {
        if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
        continue
      }
      const reader = new Reader(tokens(piece.text, piece.line), piece)
      if (reader.takeWord('end')) {
        reader.finish()
        this.#ending = { kind: 'end' }
        return nodes
      }
      if (reader.takeWord('else')) {
        this.#ending = { kind: 'else', rest: reader }
        return nodes
      }
      const node = this.#action(reader)
      if (node) nodes.push(node)
    }
  }

  #action(reader: Reader): Node | undefined {
    const keyword = reader.takeAny(['if', 'range', 'with', 'define', 'block', 'template', 'break', 'continue'])
    if (keyword === undefined) return { kind: 'value', pipe: reader.pipe('value') }
    if (keyword === 'break' || keyword === 'continue') {
      if (this.#loops === 0) throw reader.error(`{{${keyword}}} outside {{range}}`)
      reader.finish()
      return { kind: keyword }
    }
    if (keyword === 'template')
      return { kind: 'template', name: reader.string(), pipe: reader.done ? undefined : reader.pipe('template') }
    if (keyword === 'define') return this.#define(reader)
    if (keyword === 'block') return this.#named(reader)
    return this.#branch(keyword as 'if' | 'range' | 'with', reader)
  }

  #branch(kind: 'if' | 'range' | 'with', reader: Reader): Node {
    const pipe = reader.pipe(kind)
    if (kind === 'range') this.#loops++
    const body = this.#block()
    if (kind === 'range') this.#loops--
    return { kind, pipe, body, otherwise: this.#otherwise(kind, reader) }
  }

  #otherwise(kind: Keyword, reader: Reader): readonly Node[] {
    const ending = this.#ending
    if (ending.kind === 'end') return []
    if (ending.kind === 'nothing') throw reader.error(`unclosed {{${kind}}}`)
    const again = ending.rest.takeAny(['if', 'with'])
    if (again) return [this.#branch(again as 'if' | 'with', ending.rest)]
    ending.rest.finish()
    const nodes = this.#block()
    this.#expectEnd(kind, reader)
    return nodes
  }

  #define(reader: Reader): undefined {
    const name = reader.string()
    reader.finish()
    const body = this.#block()
    this.#expectEnd('define', reader)
    this.#definitions.set(name, body)
  }

  #named(reader: Reader): Node {
    const name = reader.string()
    const pipe = reader.pipe('block')
    const body = this.#block()
    this.#expectEnd('block', reader)
    if (!this.#definitions.has(name)) this.#definitions.set(name, body)
    return { kind: 'template', name, pipe }
  }

  #expectEnd(kind: Keyword, reader: Reader): void {
    if (this.#ending.kind !== 'end') throw reader.error(`unclosed {{${kind}}}`)
  }
}

/** Reads the tokens of one action. */
class Reader {
  readonly #tokens: readonly Token[]
  readonly #piece: Piece & { readonly kind: 'action' }
  #at = 0

  constructor(all: readonly Token[], piece: Piece & { readonly kind: 'action' }) {
    this.#tokens = all
    this.#piece = piece
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  error(why: string): Error {
    return syntaxError(`${this.#piece.line}: ${why} in ${JSON.stringify(this.#piece.text)}`)
  }

  takeAny(words: readonly string[]): string | undefined {
    return words.find(word => this.takeWord(word))
  }

  takeWord(word: string): boolean {
    return this.#take('word', word) !== undefined
  }

  string(): string {
    const next = this.#tokens[this.#at++]
    if (next?.kind === 'constant' && typeof next.value === 'string') return next.value
    throw this.error(`unexpected ${next ? JSON.stringify(next.text) : 'end'}: a name in quotes is needed`)
  }

  finish(): void {
    if (!this.done) throw this.#unexpected()
  }

  /** All that is left. */
  pipe(context: string): Pipe {
    const pipe = this.#pipe(context)
    this.finish()
    return pipe
  }

  #pipe(context: string): Pipe {
    const { variables, assigns } = this.#declarations(context)
    const commands: Operand[][] = []
    do commands.push(this.#command(context))
    while (this.#take('mark', '|'))
    const stray = commands.slice(1).find(([first]) => first && !callable(first))
    if (stray) throw this.error('non executable command in pipeline')
    return { variables, assigns, commands, line: this.#piece.line }
  }

  #declarations(context: string): Pick<Pipe, 'variables' | 'assigns'> {
    const start = this.#at
    const first = this.#take('variable')
    const second = first && context === 'range' && this.#take('mark', ',') ? this.#take('variable') : undefined
    const variables = [first, second].flatMap(each => (each ? [each.text] : []))
    if (variables.length > 0 && this.#take('mark', ':=')) return { variables, assigns: 'declared' }
    if (variables.length > 0 && this.#take('mark', '=')) return { variables, assigns: 'existing' }
    this.#at = start
    return { variables: [], assigns: 'declared' }
  }

  #command(context: string): Operand[] {
    const operands: Operand[] = []
    for (let next = this.#operand(); next; next = this.#operand()) operands.push(next)
    if (operands.length === 0) throw this.done ? this.error(`missing value for ${context}`) : this.#unexpected()
    return operands
  }

  #operand(): Operand | undefined {
    const first = this.#term()
    if (!first) return undefined
    const names: string[] = []
    for (let field = this.#gluedField(); field !== undefined; field = this.#gluedField()) names.push(field)
    return names.length > 0 ? { kind: 'chain', from: first, names } : first
  }

  #term(): Operand | undefined {
    const next = this.#tokens[this.#at]
    if (next === undefined) return undefined
    this.#at++
    if (next.kind === 'constant') return { kind: 'constant', value: next.value }
    if (next.kind === 'variable') return { kind: 'variable', name: next.text }
    if (next.kind === 'field') return { kind: 'chain', from: { kind: 'dot' }, names: [next.text, ...this.#fields()] }
    if (next.kind === 'word') return word(next.text)
    if (next.text === '.') return { kind: 'dot' }
    if (next.text === '(') {
      const pipe = this.#pipe('parenthesized pipeline')
      if (!this.#take('mark', ')')) throw this.error('unclosed left paren')
      return { kind: 'pipe', pipe }
    }
    this.#at--
    return undefined
  }

  #fields(): readonly string[] {
    const names: string[] = []
    for (let field = this.#gluedField(); field !== undefined; field = this.#gluedField()) names.push(field)
    return names
  }

  #gluedField(): string | undefined {
    const next = this.#tokens[this.#at]
    if (next?.kind !== 'field' || !next.glued) return undefined
    this.#at++
    return next.text
  }

  #take(kind: Token['kind'], text?: string): Token | undefined {
    const next = this.#tokens[this.#at]
    if (next?.kind !== kind || (text !== undefined && next.text !== text)) return undefined
    this.#at++
    return next
  }

  #unexpected(): Error {
    return this.error(`unexpected ${JSON.stringify(this.#tokens[this.#at]?.text ?? '')}`)
  }
}

const callable = (operand: Operand): boolean => operand.kind === 'function' || operand.kind === 'chain'

function word(text: string): Operand {
  if (text === 'true' || text === 'false') return { kind: 'constant', value: text === 'true' }
  if (text === 'nil') return { kind: 'nil' }
  return { kind: 'function', name: text }
}
