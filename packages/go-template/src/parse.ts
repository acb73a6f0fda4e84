import { Cursor } from './cursor.ts'
import { tokens } from './lex.ts'
import { unquote } from './literal.ts'
import type { Definitions, Node, Pipe } from './nodes.ts'
import { type KnownFunctions, Pipelines } from './pipeline.ts'

export interface Parsed {
  readonly nodes: readonly Node[]
  readonly definitions: Definitions
}

export interface Source {
  /** What messages call the template. */
  readonly name: string
  readonly source: string
  readonly functions: KnownFunctions
}

/** @throws TemplateError SYNTAX */
export function parse(from: Source): Parsed {
  return new Parser(from).whole()
}

type Ending = 'end' | 'else'

class Parser {
  readonly #cursor: Cursor
  readonly #pipelines: Pipelines
  readonly #definitions = new Map<string, readonly Node[]>()
  #loops = 0

  constructor({ name, source, functions }: Source) {
    this.#cursor = new Cursor(tokens(source), { name, source })
    this.#pipelines = new Pipelines(this.#cursor, functions)
  }

  whole(): Parsed {
    const nodes: Node[] = []
    while (this.#cursor.peek().kind !== 'end-of-text') {
      const found = this.#definition() ?? this.#textOrAction()
      if (typeof found === 'string') throw this.#cursor.error(`unexpected {{${found}}}`)
      if (found.kind !== 'text' || found.text !== '') nodes.push(found)
    }
    return { nodes, definitions: this.#definitions }
  }

  /** A definition leaves nothing where it stands. */
  #definition(): Node | undefined {
    const start = this.#cursor.mark()
    if (this.#cursor.take('open')) {
      const token = this.#cursor.nextPastSpace()
      if (token.kind === 'keyword' && token.text === 'define') {
        this.#define()
        return { kind: 'text', text: '' }
      }
    }
    this.#cursor.rewind(start)
    return undefined
  }

  #define(): void {
    const name = this.#name('define clause')
    this.#close('define clause')
    const { nodes, ending } = this.#inScope(() => this.#list())
    if (ending !== 'end') throw this.#cursor.error('unexpected {{else}} in define clause')
    this.#definitions.set(name, nodes)
  }

  /** A block's own variables begin with `$` only. */
  #inScope<T>(read: () => T): T {
    const loops = this.#loops
    this.#loops = 0
    const result = this.#pipelines.afresh(read)
    this.#loops = loops
    return result
  }

  #list(): { readonly nodes: readonly Node[]; readonly ending: Ending } {
    const nodes: Node[] = []
    while (this.#cursor.peek().kind !== 'end-of-text') {
      const found = this.#textOrAction()
      if (typeof found === 'string') return { nodes, ending: found }
      nodes.push(found)
    }
    throw this.#cursor.error('unexpected EOF')
  }

  #textOrAction(): Node | Ending {
    const token = this.#cursor.next()
    if (token.kind === 'text') return { kind: 'text', text: token.text }
    if (token.kind === 'open') return this.#action()
    throw this.#cursor.unexpected(token, 'input')
  }

  #action(): Node | Ending {
    const token = this.#cursor.peekPastSpace()
    if (token.kind !== 'keyword' || token.text === 'define')
      return { kind: 'value', pipe: this.#pipelines.pipe('command', 'close') }
    this.#cursor.next()
    switch (token.text) {
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(token.text)
      case 'break':
      case 'continue':
        return this.#leave(token.text)
      case 'template':
        return this.#template()
      case 'block':
        return this.#block()
      case 'end':
        this.#close('end')
        return 'end'
      default:
        return this.#else()
    }
  }

  /** `{{else if` and `{{else with` stay to be read by the branch that they belong to. */
  #else(): 'else' {
    const next = this.#cursor.peekPastSpace()
    if (next.kind !== 'keyword' || (next.text !== 'if' && next.text !== 'with')) this.#close('else')
    return 'else'
  }

  #branch(kind: 'if' | 'range' | 'with'): Node {
    return this.#pipelines.scoped(() => {
      const pipe = this.#pipelines.pipe(kind, 'close')
      if (kind === 'range') this.#loops++
      const { nodes: body, ending } = this.#list()
      if (kind === 'range') this.#loops--
      return { kind, pipe, body, otherwise: ending === 'else' ? this.#otherwise(kind) : [] }
    })
  }

  #otherwise(kind: 'if' | 'range' | 'with'): readonly Node[] {
    const next = this.#cursor.peek()
    if (next.kind === 'keyword') {
      if (next.text !== kind || kind === 'range') throw this.#cursor.unexpected(next, 'else')
      this.#cursor.next()
      return [this.#branch(kind)]
    }
    const { nodes, ending } = this.#list()
    if (ending === 'else') throw this.#cursor.error('expected end; found {{else}}')
    return nodes
  }

  #leave(kind: 'break' | 'continue'): Node {
    const token = this.#cursor.nextPastSpace()
    if (token.kind !== 'close') throw this.#cursor.unexpected(token, `{{${kind}}}`)
    if (this.#loops === 0) throw this.#cursor.error(`{{${kind}}} outside {{range}}`, token.at)
    return { kind }
  }

  #template(): Node {
    const { at } = this.#cursor.peekPastSpace()
    const name = this.#name('template clause')
    const pipe =
      this.#cursor.peekPastSpace().kind === 'close' ? undefined : this.#pipelines.pipe('template clause', 'close')
    if (!pipe) this.#cursor.next()
    return call(name, pipe, at)
  }

  #block(): Node {
    const { at } = this.#cursor.peekPastSpace()
    const name = this.#name('block clause')
    const pipe = this.#pipelines.pipe('block clause', 'close')
    const { nodes, ending } = this.#inScope(() => this.#list())
    if (ending !== 'end') throw this.#cursor.error('unexpected {{else}} in block clause')
    if (!this.#definitions.has(name)) this.#definitions.set(name, nodes)
    return call(name, pipe, at)
  }

  #name(context: string): string {
    const token = this.#cursor.nextPastSpace()
    const name = token.kind === 'raw-string' ? token.text.slice(1, -1) : token.kind === 'string' && unquote(token.text)
    if (typeof name !== 'string') throw this.#cursor.unexpected(token, context)
    return name
  }

  #close(context: string): void {
    const token = this.#cursor.nextPastSpace()
    if (token.kind !== 'close') throw this.#cursor.unexpected(token, context)
  }
}

const call = (name: string, pipe: Pipe | undefined, at: number): Node => ({
  kind: 'template',
  name,
  pipe,
  at,
  source: `{{template ${JSON.stringify(name)}${pipe ? ` ${pipe.source}` : ''}}}`,
})
