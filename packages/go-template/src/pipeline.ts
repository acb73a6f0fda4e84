import type { Cursor } from './cursor.ts'
import type { Token, TokenKind } from './lex.ts'
import { numberOf, unquote } from './literal.ts'
import type { Command, Operand, Pipe } from './nodes.ts'

/** Tells whether a template may call a function by this name. */
export type KnownFunctions = (name: string) => boolean

/** Reads pipelines, and knows which variables are in scope. */
export class Pipelines {
  readonly #cursor: Cursor
  readonly #isFunction: KnownFunctions
  #variables: string[] = ['$']

  constructor(cursor: Cursor, isFunction: KnownFunctions) {
    this.#cursor = cursor
    this.#isFunction = isFunction
  }

  /** What `read` declares is forgotten afterwards. */
  scoped<T>(read: () => T): T {
    const depth = this.#variables.length
    const result = read()
    this.#variables.length = depth
    return result
  }

  /** `read` sees no variable of those around it. */
  afresh<T>(read: () => T): T {
    const outer = this.#variables
    this.#variables = ['$']
    const result = read()
    this.#variables = outer
    return result
  }

  pipe(context: string, end: TokenKind): Pipe {
    const { at } = this.#cursor.peekPastSpace()
    const { variables, assigns } = this.#declarations(context)
    const commands: Command[] = []
    for (let token = this.#cursor.peekPastSpace(); token.kind !== end; token = this.#cursor.peekPastSpace()) {
      if (!startsOperand.has(token.kind)) throw this.#cursor.unexpected(token, context)
      commands.push(this.#command())
    }
    this.#check(commands, context)
    this.#cursor.next()
    const declares = variables.length > 0 ? `${variables.join(', ')} ${assigns === 'declared' ? ':=' : '='} ` : ''
    return { variables, assigns, commands, at, source: declares + commands.map(({ source }) => source).join(' | ') }
  }

  #check(commands: readonly Command[], context: string): void {
    if (commands.length === 0) throw this.#cursor.error(`missing value for ${context}`)
    for (const [i, { operands }] of commands.entries())
      if (i > 0 && (operands[0]?.kind === 'constant' || operands[0]?.kind === 'dot' || operands[0]?.kind === 'nil'))
        throw this.#cursor.error(`non executable command in pipeline stage ${i + 1}`)
  }

  #declarations(context: string): Pick<Pipe, 'variables' | 'assigns'> {
    const start = this.#cursor.mark()
    const variables: string[] = []
    for (let name = this.#variableName(); name !== undefined; name = this.#variableName()) {
      const next = this.#cursor.peekPastSpace()
      if (next.kind === 'declare' || next.kind === 'assign') return this.#declared([...variables, name], next)
      if (next.kind !== 'char' || next.text !== ',') break
      this.#cursor.next()
      variables.push(name)
      if (context !== 'range' || variables.length > 1) throw this.#cursor.error(`too many declarations in ${context}`)
      if (this.#cursor.peekPastSpace().kind !== 'variable')
        throw this.#cursor.error('range can only initialize variables')
    }
    this.#cursor.rewind(start)
    return { variables: [], assigns: 'declared' }
  }

  #declared(variables: readonly string[], { kind }: Token): Pick<Pipe, 'variables' | 'assigns'> {
    this.#cursor.next()
    if (kind === 'assign') for (const name of variables) this.#known(name)
    else this.#variables.push(...variables)
    return { variables, assigns: kind === 'assign' ? 'existing' : 'declared' }
  }

  #variableName(): string | undefined {
    return this.#cursor.peekPastSpace().kind === 'variable' ? this.#cursor.next().text : undefined
  }

  #known(name: string): void {
    if (!this.#variables.includes(name)) throw this.#cursor.error(`undefined variable ${JSON.stringify(name)}`)
  }

  /** Operands up to a pipe, which is passed, or whatever ends the pipeline, which is not. */
  #command(): Command {
    const { at } = this.#cursor.peekPastSpace()
    const operands: Operand[] = []
    for (;;) {
      this.#cursor.peekPastSpace()
      const operand = this.#operand()
      if (operand) operands.push(operand)
      const token = this.#cursor.peek()
      if (token.kind === 'space') continue
      if (token.kind === 'pipe') this.#cursor.next()
      else if (token.kind !== 'close' && token.kind !== 'right-paren') throw this.#cursor.unexpected(token, 'operand')
      break
    }
    if (operands.length === 0) throw this.#cursor.error('empty command')
    return { operands, at, source: operands.map(({ source }) => source).join(' ') }
  }

  #operand(): Operand | undefined {
    const first = this.#term()
    if (!first || this.#cursor.peek().kind !== 'field') return first
    const { at } = this.#cursor.peek()
    const names: string[] = []
    for (let field = this.#cursor.take('field'); field; field = this.#cursor.take('field'))
      names.push(field.text.slice(1))
    const source = `${first.source}.${names.join('.')}`
    if (first.kind === 'field' || first.kind === 'variable')
      return { ...first, names: [...first.names, ...names], at, source }
    if (first.kind === 'constant' || first.kind === 'nil' || first.kind === 'dot')
      throw this.#cursor.error(`unexpected . after term ${JSON.stringify(first.source)}`)
    return { kind: 'chain', from: first, names, at, source }
  }

  #term(): Operand | undefined {
    const { kind, text, at } = this.#cursor.peek()
    if (!startsOperand.has(kind)) return undefined
    this.#cursor.next()
    const place = { at, source: text }
    switch (kind) {
      case 'identifier':
        if (!this.#isFunction(text)) throw this.#cursor.error(`function ${JSON.stringify(text)} not defined`, at)
        return { kind: 'function', name: text, ...place }
      case 'dot':
      case 'nil':
        return { kind, ...place }
      case 'variable':
        this.#known(text)
        return { kind, name: text, names: [], ...place }
      case 'field':
        return { kind, names: [text.slice(1)], ...place }
      case 'left-paren': {
        const pipe = this.pipe('parenthesized pipeline', 'right-paren')
        return { kind: 'pipe', pipe, at: pipe.at, source: `(${pipe.source})` }
      }
      default:
        return { kind: 'constant', value: this.#constant({ kind, text, at }), ...place }
    }
  }

  #constant({ kind, text, at }: Token): string | number | boolean {
    if (kind === 'boolean') return text === 'true'
    if (kind === 'raw-string') return text.slice(1, -1)
    if (kind === 'number') return numberOf(text)
    const value = unquote(text)
    if (value === undefined) throw this.#cursor.error('invalid syntax', at)
    if (kind === 'string') return value
    if ([...value].length !== 1) throw this.#cursor.error(`malformed character constant: ${text}`, at)
    return value.codePointAt(0) ?? 0
  }
}

const startsOperand: ReadonlySet<TokenKind> = new Set([
  'identifier',
  'dot',
  'nil',
  'variable',
  'field',
  'boolean',
  'number',
  'character',
  'string',
  'raw-string',
  'left-paren',
])
