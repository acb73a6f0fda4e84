import { execute } from './execute.ts'
import { type Functions, lookup } from './functions.ts'
import { parse } from './parse.ts'

export interface ParseOptions {
  /** What messages call the template; a command's name, say. */
  readonly name?: string
  /** Functions beside (or instead of) those that text/template brings. */
  readonly functions?: Functions
}

export interface Template {
  /**
   * Fills it in. Objects are structs: a member is found whatever its case, members that are functions are called as methods are,
   * and what it lacks is an error. Maps, and objects without a prototype, are maps: what they lack is `<no value>`. Only own
   * members are seen.
   * @throws TemplateError EXECUTION, naming line, column and action
   */
  render(data: unknown): string
}

/**
 * Reads a template of Go's text/template: fields, variables, pipelines, `if`, `range`, `with`, `define`, `block`, `template`,
 * `break`, `continue`, comments and trimming (https://pkg.go.dev/text/template).
 * @throws TemplateError SYNTAX, naming the line
 */
export function parseTemplate(source: string, { name = '', functions = {} }: ParseOptions = {}): Template {
  const parsed = parse({ name, source, functions: word => lookup(functions, word) !== undefined })
  return { render: data => execute({ ...parsed, name, source, functions }, data) }
}
