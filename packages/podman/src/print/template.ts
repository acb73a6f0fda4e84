import { UsageError } from '../cli/usage-error.ts'

/** A node of a parsed template. */
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'range' | 'with'
      readonly pipe: Pipe
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }

type Pipe = readonly (readonly Term[])[]
type Term =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'path'; readonly from: 'dot' | 'root'; readonly names: readonly string[] }
  | { readonly kind: 'call'; readonly name: string }
  | { readonly kind: 'group'; readonly pipe: Pipe }

export type Template = readonly Node[]

const broken = (why: string) => new UsageError(`template: ${why}`)

/** Reads the part of Go's text/template that output formats use: fields, calls, pipes, if, else, range, with. Throws UsageError. */
export function parseTemplate(text: string): Template {
  const parser = new Parser(text)
  const nodes = parser.block()
  if (parser.closedBy !== undefined) throw broken(`unexpected {{${parser.closedBy}}}`)
  return nodes
}

class Parser {
  /** The action that ended the last block: `end`, `else …`; undefined at the end of the text. */
  closedBy: string | undefined
  readonly #pieces: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#pieces = text
      .replace(/\s+\{\{- /g, '{{')
      .replace(/ -\}\}\s+/g, '}}')
      .split(/\{\{((?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?)\}\}/s)
  }

  block(): Node[] {
    const nodes: Node[] = []
    this.closedBy = undefined
    while (this.#at < this.#pieces.length) {
      const index = this.#at++
      const piece = this.#pieces[index] ?? ''
      if (index % 2 === 0) nodes.push({ kind: 'text', text: piece })
      else if (this.#closes(piece.trim())) return nodes
      else if (!piece.trim().startsWith('/*')) nodes.push(this.#action(piece.trim()))
    }
    return nodes
  }

  #closes(action: string): boolean {
    const closing = action === 'end' || /^else\b/.test(action)
    if (closing) this.closedBy = action
    return closing
  }

  #action(action: string): Node {
    const [, word, rest = ''] = /^(if|range|with)\s+(.*)$/s.exec(action) ?? []
    return word === 'if' || word === 'range' || word === 'with'
      ? this.#branch(word, rest)
      : { kind: 'value', pipe: parsePipe(action) }
  }

  #branch(kind: 'if' | 'range' | 'with', condition: string): Node {
    const body = this.block()
    const closed = this.closedBy
    if (closed === undefined) throw broken(`{{${kind}}} without {{end}}`)
    const nested = /^else\s+(if|with)\s+(.*)$/s.exec(closed)
    const otherwise = nested
      ? [this.#branch(nested[1] as 'if' | 'with', nested[2] ?? '')]
      : closed === 'else'
        ? this.block()
        : []
    if (closed !== 'end' && !nested && this.closedBy !== 'end') throw broken(`{{${kind}}} without {{end}}`)
    this.closedBy = undefined
    return { kind, pipe: parsePipe(condition), body, otherwise }
  }
}

const token =
  /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|(\$?(?:\.[A-Za-z_]\w*)+|\$|\.)|([A-Za-z_]\w*)|([|()]))/sy

function parsePipe(text: string): Pipe {
  token.lastIndex = 0
  const { pipe, closed } = readPipe(text)
  if (closed || token.lastIndex < text.trimEnd().length)
    throw broken(`unexpected ${JSON.stringify(text.slice(token.lastIndex))} in ${JSON.stringify(text)}`)
  return pipe
}

function readPipe(text: string): { pipe: Pipe; closed: boolean } {
  const commands: Term[][] = [[]]
  for (;;) {
    const before = token.lastIndex
    const match = token.exec(text)
    if (!match) {
      token.lastIndex = before
      return { pipe: whole(commands, text), closed: false }
    }
    if (match[6] === ')') return { pipe: whole(commands, text), closed: true }
    if (match[6] === '|') commands.push([])
    else commands.at(-1)?.push(match[6] === '(' ? readGroup(text) : termOf(match))
  }
}

function whole(commands: Term[][], text: string): Pipe {
  if (commands.some(command => command.length === 0))
    throw broken(`missing value for command in ${JSON.stringify(text)}`)
  return commands
}

function readGroup(text: string): Term {
  const { pipe, closed } = readPipe(text)
  if (!closed) throw broken(`unclosed left paren in ${JSON.stringify(text)}`)
  return { kind: 'group', pipe }
}

function termOf([, quoted, raw, number, path, word]: RegExpExecArray): Term {
  if (quoted !== undefined) return { kind: 'literal', value: JSON.parse(quoted) }
  if (raw !== undefined) return { kind: 'literal', value: raw }
  if (number !== undefined) return { kind: 'literal', value: Number(number) }
  if (path !== undefined)
    return {
      kind: 'path',
      from: path.startsWith('$') ? 'root' : 'dot',
      names: path.split('.').slice(1).filter(Boolean),
    }
  if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' }
  if (word === 'nil') return { kind: 'literal', value: null }
  return { kind: 'call', name: word ?? '' }
}

/** Fills a template in with plain data; members that are functions are called as Go methods are. Throws UsageError. */
export function fill(template: Template, data: unknown): string {
  return run(template, { dot: data, root: data })
}

interface Scope {
  readonly dot: unknown
  readonly root: unknown
}

function run(nodes: readonly Node[], scope: Scope): string {
  return nodes
    .map(node =>
      node.kind === 'text' ? node.text : node.kind === 'value' ? show(evaluate(node.pipe, scope)) : branch(node, scope),
    )
    .join('')
}

function branch(node: Extract<Node, { kind: 'if' | 'range' | 'with' }>, scope: Scope): string {
  const value = evaluate(node.pipe, scope)
  if (!truth(value)) return run(node.otherwise, scope)
  if (node.kind === 'if') return run(node.body, scope)
  if (node.kind === 'with') return run(node.body, { ...scope, dot: value })
  const items = Array.isArray(value)
    ? value
    : Object.entries(value as object)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, item]) => item)
  return items.map(item => run(node.body, { ...scope, dot: item })).join('')
}

function evaluate(pipe: Pipe, scope: Scope): unknown {
  let value: unknown
  for (const [i, [first, ...rest]] of pipe.entries()) {
    if (!first) continue
    const args = [...rest.map(term => operand(term, scope)), ...(i > 0 ? [value] : [])]
    value =
      first.kind === 'call'
        ? call(first.name, args)
        : first.kind === 'path'
          ? follow(first, scope, args)
          : operand(first, scope)
  }
  return value
}

function operand(term: Term, scope: Scope): unknown {
  if (term.kind === 'literal') return term.value
  if (term.kind === 'group') return evaluate(term.pipe, scope)
  return term.kind === 'path' ? follow(term, scope, []) : call(term.name, [])
}

function follow({ from, names }: Extract<Term, { kind: 'path' }>, scope: Scope, args: readonly unknown[]): unknown {
  let value = from === 'dot' ? scope.dot : scope.root
  for (const [i, name] of names.entries()) {
    if (typeof value !== 'object' || value === null)
      throw broken(`can't evaluate field ${name} in type ${typeName(value)}`)
    const key = memberOf(value, name)
    if (key === undefined) {
      if (i === 0) throw broken(`can't evaluate field ${name} in type ${typeName(value)}`)
      return undefined
    }
    value = (value as Record<string, unknown>)[key]
  }
  return typeof value === 'function' ? (value as (...values: readonly unknown[]) => unknown)(...args) : value
}

/** Go's fields and JSON's members differ in case only: `.ID` is `Id`. */
function memberOf(value: object, name: string): string | undefined {
  if (Object.hasOwn(value, name)) return name
  const lower = name.toLowerCase()
  return Object.keys(value).find(key => key.toLowerCase() === lower)
}

const typeName = (value: unknown) =>
  value === null || value === undefined ? 'nil' : Array.isArray(value) ? 'slice' : typeof value

const functions: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  json: value => JSON.stringify(value),
  len: value =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value).length
      : ((value as string | unknown[] | null)?.length ?? 0),
  index: (value, ...keys) =>
    keys.reduce<unknown>(
      (at, key) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, String(key))
          ? (at as Record<string, unknown>)[String(key)]
          : '',
      value,
    ),
  join: (list, separator) => (list as readonly unknown[]).map(show).join(show(separator)),
  split: (text, separator) => show(text).split(show(separator)),
  lower: text => show(text).toLowerCase(),
  upper: text => show(text).toUpperCase(),
  title: text => show(text).replace(/(^|\s)\S/g, letter => letter.toUpperCase()),
  eq: (value, ...others) => others.some(other => other === value),
  ne: (a, b) => a !== b,
  lt: (a, b) => (a as number) < (b as number),
  le: (a, b) => (a as number) <= (b as number),
  gt: (a, b) => (a as number) > (b as number),
  ge: (a, b) => (a as number) >= (b as number),
  not: value => !truth(value),
  and: (...values) => values.find(value => !truth(value)) ?? values.at(-1),
  or: (...values) => values.find(truth) ?? values.at(-1),
  println: (...values) => `${values.map(show).join(' ')}\n`,
  print: (...values) => values.map(show).join(''),
}

function call(name: string, args: readonly unknown[]): unknown {
  const named = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (!named) throw broken(`function ${JSON.stringify(name)} not defined`)
  return named(...args)
}

const truth = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).length > 0
    : value !== undefined && value !== null && value !== false && value !== 0 && value !== ''

/** A value as Go's `%v` prints it. */
export function show(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([key, item]) => `${key}:${show(item)}`).join(' ')}]`
}
