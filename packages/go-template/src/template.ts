import { execute } from './execute.ts'
import type { Functions } from './functions.ts'
import { parse } from './parse.ts'

export interface ParseOptions {
  /** Functions beside (or instead of) those that text/template brings. */
  readonly functions?: Functions
}

export interface Template {
  /**
   * Fills it in. Plain objects and Maps are Go's maps and structs: a member is found whatever its case, members that are
   * functions are called as methods are, and what a nested one lacks has `<no value>`.
   * @throws TemplateError EXECUTION
   */
  render(data: unknown): string
}

/**
 * Reads a template of Go's text/template: fields, variables, pipelines, `if`, `range`, `with`, `define`, `block`, `template`,
 * `break`, `continue`, comments and trimming (https://pkg.go.dev/text/template).
 * @throws TemplateError SYNTAX, naming line and action
 */
export function parseTemplate(source: string, { functions = {} }: ParseOptions = {}): Template {
  const parsed = parse(source)
  return { render: data => execute({ ...parsed, functions }, data) }
}
