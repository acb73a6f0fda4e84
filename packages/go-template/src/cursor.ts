import { syntaxError, type TemplateError } from './errors.ts'
import type { Token, TokenKind } from './lex.ts'

/** Walks over the tokens of a template. */
export class Cursor {
  readonly #tokens: readonly Token[]
  readonly #name: string
  readonly #source: string
  #next = 0

  constructor(all: readonly Token[], { name, source }: { readonly name: string; readonly source: string }) {
    this.#tokens = all
    this.#name = name
    this.#source = source
  }

  peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] ?? { kind: 'end-of-text', text: '', at: 0 }
  }

  next(): Token {
    const token = this.peek()
    this.#next++
    return token
  }

  peekPastSpace(): Token {
    this.take('space')
    return this.peek()
  }

  nextPastSpace(): Token {
    this.take('space')
    return this.next()
  }

  take(kind: TokenKind): Token | undefined {
    return this.peek().kind === kind ? this.next() : undefined
  }

  /** To go back to with `rewind`. */
  mark(): number {
    return this.#next
  }

  rewind(mark: number): void {
    this.#next = mark
  }

  error(why: string, at: number = this.peek().at): TemplateError {
    return syntaxError(`${this.#name}:${lineAt(this.#source, at)}: ${why}`)
  }

  unexpected(token: Token, context: string): TemplateError {
    if (token.kind !== 'error') return this.error(`unexpected ${quoted(token)} in ${context}`, token.at)
    const open = this.#tokens.findLast(({ kind }) => kind === 'open')
    const began = open && lineAt(this.#source, open.at)
    if (token.text !== 'unclosed action' || began === lineAt(this.#source, token.at))
      return this.error(token.text, token.at)
    return this.error(`unclosed action started at ${this.#name}:${began}`, token.at)
  }
}

const lineAt = (source: string, at: number): number => source.slice(0, at).split('\n').length

function quoted({ kind, text }: Token): string {
  if (kind === 'end-of-text') return 'EOF'
  if (kind === 'keyword') return `<${text}>`
  return text.length > 10 ? `${JSON.stringify(text.slice(0, 10))}...` : JSON.stringify(text)
}
